"""nbgrader looks for this file in the course's root; autograder/configuration.py says what is set and why."""

from autograder.configuration import configure

configure(get_config())  # traitlets puts get_config here
