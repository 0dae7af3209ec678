"""For WSGI servers and `flask --app wsgi`: the app with the settings of the environment."""

from codesign.app import create_app

app = create_app()
