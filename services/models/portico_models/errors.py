"""What can go wrong with models, each as one line that a person at a terminal can act on."""


class ModelError(RuntimeError):
    """Stop with one line: no stack trace, no text of a patient."""


class ModelBuildError(ModelError):
    """The artefacts cannot be built, or must not be published."""


class ModelCheckError(ModelError):
    """The artefacts in the repository are not fit to be served."""


class ModelServerError(ModelError):
    """Triton cannot start, or died."""
