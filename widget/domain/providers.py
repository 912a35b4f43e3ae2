"""Mail domains that many people without anything in common share: their pace says nothing."""

_NAMES = (
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr hotmail.it live.com "
    "msn.com outlook.fr outlook.de yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es "
    "ymail.com rocketmail.com aol.com icloud.com me.com mac.com proton.me protonmail.com pm.me "
    "gmx.net gmx.de gmx.at gmx.ch gmx.com web.de t-online.de freenet.de posteo.de mailbox.org "
    "tutanota.com tuta.io fastmail.com zoho.com mail.ru bk.ru inbox.ru list.ru internet.ru yandex.ru "
    "yandex.com ya.ru rambler.ru ukr.net i.ua orange.fr wanadoo.fr free.fr laposte.net sfr.fr "
    "libero.it virgilio.it tiscali.it alice.it wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz "
    "bluewin.ch btinternet.com sky.com virginmedia.com comcast.net verizon.net att.net sbcglobal.net "
    "cox.net charter.net qq.com 163.com 126.com sina.com naver.com daum.net docomo.ne.jp ezweb.ne.jp "
    "softbank.ne.jp rediffmail.com uol.com.br bol.com.br terra.com.br telenet.be skynet.be ziggo.nl "
    "kpnmail.nl hetnet.nl xs4all.nl telia.com mail.com email.com "
)
PROVIDERS = frozenset(_NAMES.split())
