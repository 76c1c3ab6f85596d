from django.apps import AppConfig


class SimulationConfig(AppConfig):
    name = "aeghash.simulation"
    label = "simulation"
