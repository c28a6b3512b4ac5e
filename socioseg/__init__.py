"""SocioSeg: find places in satellite images by what they mean to people."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socioseg.dataset.load import load_dataset

__all__ = ["__version__", "load_dataset"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - an attribute of any type
    """Import `load_dataset` when it is asked for: `import socioseg` itself stays instant."""
    if name == "load_dataset":
        from socioseg.dataset.load import load_dataset  # noqa: PLC0415

        return load_dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
