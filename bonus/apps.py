from django.apps import AppConfig


class BonusConfig(AppConfig):
    name = "bonus"
