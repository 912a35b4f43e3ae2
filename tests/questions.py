"""What Anahit asks of her own, one question of every type."""

from widget.domain.question import Question
from widget.parts import Parts

BRANCH = Question(
    "own_branch",
    "text",
    required=True,
    maxlength=20,
    labels=(("en", "Which <branch> are you in?"), ("ar", "في أي <فرع> أنت؟")),
)
STORY = Question("own_story", "textarea", maxlength=500, labels=(("en", "Your story"),))
AGE = Question(
    "own_age", "checkbox", required=True, labels=(("en", "I am over 16"), ("hy", "Ես 16-ից մեծ եմ"))
)
HELP = Question("own_help", "checkbox", labels=(("en", "I can help"),))
SIZE = Question(
    "own_size",
    "choice",
    labels=(("en", "Shirt"), ("hy", "Վերնաշապիկ")),
    options=((("en", "Small"), ("hy", "Փոքր")), (("en", "=Large"), ("hy", "Մեծ"))),
)
ALL = (BRANCH, STORY, AGE, HELP, SIZE)
ANSWERED = {"own_branch": "North", "own_age": "true", "own_size": "small"}


def ask(parts: Parts, *questions: Question) -> None:
    """Have the mill's petition ask these."""
    parts.ledger.change(parts.ledger.petition("save-the-mill").id, {"questions": questions})
    parts.catalogue.forget("save-the-mill")
