"""Run every worked lesson on the oldest and on the newest Python and libraries that students may have.

    python tests/versions.py                     with the oldest and the newest Python on PATH
    python tests/versions.py OLDEST NEWEST       with these two

Each combination gets a virtual environment of its own and takes about half a minute. The oldest has what Colab
came with for long (ipywidgets 7.7.1) and the lower bounds of mlp_helpers/pyproject.toml.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = {
    "oldest": ["numpy==1.26.*", "matplotlib==3.8.*", "ipywidgets==7.7.1", "anywidget==0.9.0"],
    "newest": ["numpy", "matplotlib", "ipywidgets", "anywidget"],
}
RUN = """
import sys, anywidget, nbformat, numpy, matplotlib, ipywidgets
from nbclient import NotebookClient
print("Python %d.%d" % sys.version_info[:2], "numpy", numpy.__version__, "matplotlib", matplotlib.__version__,
      "ipywidgets", ipywidgets.__version__, "anywidget", anywidget.__version__, flush=True)
for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)  # raises-exception would let a failing test pass
    NotebookClient(notebook, kernel_name="python3", timeout=120, extra_arguments=["--log-level=ERROR"]).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [output["text"] for output in outputs if output.get("name") == "stderr"]
    said += [output["data"]["text/plain"] for output in outputs if output.get("metadata", {}).get("mlp_helpers")]
    if said:
        sys.exit(f"{path}: {said[0]}")
    print("  ", path.rsplit("/", 1)[1], "runs", flush=True)
"""


def interpreters() -> list[str]:
    """The Pythons from 3.10 on that are installed, oldest first; at least the one that runs this."""
    found = []
    for minor in range(10, 30):
        path = shutil.which(f"python3.{minor}")
        if path and subprocess.run([path, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
            found.append(path)
    return found or [sys.executable]


def run(python: str, libraries: list[str], folder: Path) -> int:
    """Run all worked lessons with this Python and these libraries; returns the exit code."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    inside = str(folder / "bin" / "python")
    install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # A copy, for pip would leave its build beside the sources.
    package = shutil.copytree(ROOT / "mlp_helpers", folder / "mlp_helpers")
    subprocess.run([*install, *libraries, "nbclient", "ipykernel", package], check=True)
    notebooks = sorted(map(str, ROOT.glob("solutions/*/*.ipynb")))
    settings = {"JUPYTER_PATH": "", "JUPYTER_DATA_DIR": str(folder / "data"), "IPYTHONDIR": str(folder / "ipython")}
    return subprocess.run([inside, "-c", RUN, *notebooks], cwd=folder, env={**os.environ, **settings}).returncode


def main() -> int:
    pythons, codes = sys.argv[1:] or interpreters(), []
    for python, (age, libraries) in zip((pythons[0], pythons[-1]), LIBRARIES.items(), strict=True):
        print(f"{age}:", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            codes.append(run(python, libraries, Path(folder, "venv")))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
