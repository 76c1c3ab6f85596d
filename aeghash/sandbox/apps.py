from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "aeghash.sandbox"
    label = "sandbox"
    verbose_name = "Sandboxes"
