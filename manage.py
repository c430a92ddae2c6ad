#!/usr/bin/env python
"""Django's command line, with the settings of `.env` and the services of a `make run` that is under way."""

import os
import sys

from django.core.management import execute_from_command_line

from app import environment

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings")
    environment.read_env_file()
    environment.read_running_environment()
    if missing := environment.missing():
        sys.exit(
            f"Not set: {', '.join(missing)}. Start `make run` in another terminal, or set them (see .env.example)."
        )
    execute_from_command_line(sys.argv)
