# Voilà's settings for the lecturers' slides; `make slides` names this folder in JUPYTER_CONFIG_PATH.
c = get_config()  # noqa: F821

c.Voila.ip = "127.0.0.1"
c.Voila.port_retries = 0
c.Voila.open_browser = False
c.Voila.log_level = "ERROR"
c.VoilaConfiguration.template = "slides"
# The notebook has been run in one kernel before the page is opened, and is run in the next one afterwards.
c.VoilaConfiguration.preheat_kernel = True
# What our widget needs; all others would be loaded into the page as well.
c.VoilaConfiguration.extension_allowlist = [
    "@voila-dashboards/widgets-manager8",
    "@jupyter-widgets/jupyterlab-manager",
    "anywidget",
]
c.KernelManager.transport = "ipc"
