"""The process: gunicorn and flask find the application here."""

from config import Settings
from widget import create_app

app = create_app(Settings.from_env())
