"""Settings: one frozen class, filled from flag > `MENTOR_*` > `mentor.toml` > default.

Unknown keys are refused, wherever they stand: a misspelt setting that silently does nothing
costs more than an error.
"""

from __future__ import annotations

import hashlib
import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import platformdirs
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from mentor.errors import SettingsError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "MENTOR_"
EMBEDDERS = "embedders"
"""Folder of the indexes that other embedders than the embedded one made."""
CHECKOUT = Path(__file__).resolve().parents[2]
_SIGN = "[A-Za-z0-9+/]"
_WEBHOOK_SECRET = re.compile(
    rf"whsec_(?:{_SIGN}{{4}}){{8,}}(?:{_SIGN}{{2}}(?:==)?|{_SIGN}{{3}}=?)?"
)
"""Base64 comes in fours, so that a character that was lost or added shows, mostly."""


def in_checkout() -> bool:
    """Whether this code runs from a checkout, rather than from an installed wheel."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "corpus").is_dir()


def shipped(name: str) -> Path:
    """The folder `name` (corpus, …) that ships with Mentor, in a checkout and in a wheel alike."""
    return CHECKOUT / name if in_checkout() else Path(__file__).resolve().parent / name


def default_home() -> Path:
    """The checkout itself, or the platform's data directory for an installed wheel."""
    return CHECKOUT if in_checkout() else Path(platformdirs.user_data_dir("mentor"))


class Settings(BaseSettings):
    """What an operator may choose. Every field is also `MENTOR_<NAME>` and a key of mentor.toml."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", toml_file="mentor.toml"
    )

    home: Path = Field(
        default_factory=default_home, description="Where index, data and caches live"
    )
    corpus: Path = Field(
        default_factory=lambda: shipped("corpus"), description="The material to index"
    )
    model: str = Field(
        default="embedded",
        description="embedded, none (quotes only), a path of a GGUF file, a file of a model hub as "
        "hf:owner/repo/file.gguf, or the http(s)://…/v1 address of an OpenAI-compatible server",
    )
    model_name: str = Field(
        default="default", description="Which model to ask for at an OpenAI-compatible server"
    )
    model_key: str = Field(
        default="none", description="API key for an OpenAI-compatible server", repr=False
    )
    model_grades: bool = Field(
        default=False,
        description="Let a larger model judge interview answers, and say what they lack",
    )
    lora_path: Path | None = Field(
        default=None, description="LoRA adapter (GGUF) to load over the local model"
    )
    chroma: str | None = Field(
        default=None,
        pattern=r"^https?://[^/@?#\s]+(/[^@?#\s]*)?$",
        description="Chroma server that keeps the vectors of the index, as http://chroma:8000; "
        "none: on the disk, in this process",
    )
    embedder: str = Field(
        default="embedded",
        description="embedded, or another sentence-transformers model: its folder, or owner/repo",
    )
    hub: str = Field(
        default="https://huggingface.co", description="Model hub that weights are downloaded from"
    )
    hub_token: str | None = Field(
        default=None,
        repr=False,
        description="Token for the model hub, where a login is wanted",
    )
    context: int | None = Field(
        default=None,
        ge=512,
        description="Context of the local model in tokens; none: as its work, its training and "
        "the memory allow",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        description="Threads for the local model; none: the processor's cores, and all of its "
        "threads to read a prompt",
    )
    batch: int | None = Field(
        default=None,
        ge=1,
        le=4096,
        description="Tokens of a prompt read at once; none: 128 on a processor, 512 on a GPU",
    )
    flash_attention: bool | None = Field(
        default=None, description="Flash attention in the local model; none: on a GPU only"
    )
    gpu_layers: int | None = Field(
        default=None,
        ge=-1,
        description="Layers to offload; -1: all, 0: none; none: as many as the GPU has room for",
    )
    only: str | None = Field(
        default=None, description="Collection that answers are kept to; none: all"
    )
    prefer: str | None = Field(
        default=None, description="Collection whose word goes before the others'; none: all alike"
    )
    evidence_tokens: int = Field(
        default=150, ge=50, description="Evidence given to the model, in its tokens"
    )
    patience: float = Field(
        default=6.0,
        gt=0,
        description="Seconds to wait for a sentence of the model before quoting the material",
    )
    database_url: str | None = Field(
        default=None,
        repr=False,
        description="Where learners are kept: postgresql://…; none: a SQLite file in the home's "
        "data folder",
    )
    learner: str = Field(
        default="local",
        min_length=1,
        max_length=100,
        description="Whom the terminal acts for; the page shows its id, to make both one learner",
    )
    consultant: str | None = Field(
        default=None,
        description="The learning consultant: mailto:…, an https://… page, or a webhook as "
        "webhook+https://…; none: no button",
    )
    queue: int = Field(default=16, ge=1, description="Learners who may wait for the local model")
    host: str = Field(default="127.0.0.1", description="Address that `mentor serve` listens on")
    port: int = Field(
        default=7860, ge=0, le=65535, description="Port that `mentor serve` listens on"
    )

    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+$",
        description="Address that learners reach Mentor under, as https://mentor.example.org; "
        "none: as the request says",
    )
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins of the portals that may embed the mentor, with commas between: "
        "https://learn.example.org; none: no other page may",
    )
    token_secret: str | None = Field(
        default=None,
        min_length=32,
        repr=False,
        description="Secret that the portal's back end signs its tokens with (HS256), 32 "
        "characters or more",
    )
    token_keys: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Address of the portal's public keys (JWKS), if it signs with RS256 or ES256",
    )
    token_audience: str = Field(
        default="mentor", min_length=1, description="The `aud` that a token has to name"
    )
    learner_rate: str = Field(
        default="60/minute", description="Requests of one learner, as 60/minute or 5/second"
    )
    address_rate: str = Field(
        default="600/minute",
        description="Requests from one address; a school may stand behind one",
    )
    proxies: str = Field(
        default="127.0.0.1",
        description="Addresses of reverse proxies whose X-Forwarded-For is believed, with commas "
        "between",
    )
    webhook: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Address of the portal that is told of progress and interviews; none: no one",
    )
    webhook_secret: str | None = Field(
        default=None,
        repr=False,
        description="Secret that the webhook's messages are signed with: whsec_ and 24 random "
        "bytes or more in Base64",
    )
    log: Literal["text", "json"] = Field(
        default="text", description="Form of the server's log: text, or json for one object a line"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="What is logged: debug, info (requests, answers) or worse"
    )
    log_words: bool = Field(
        default=False, description="Log what learners ask and are answered, at the level info"
    )

    @field_validator("origins", mode="before")
    @classmethod
    def _listed(cls, origins: object) -> object:
        return re.split(r"[\s,]+", origins.strip()) if isinstance(origins, str) else origins

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in filter(None, origins):
            if not re.fullmatch(r"https?://[^/\s*]+", origin):
                raise ValueError(f"{origin!r} is no origin; write https://learn.example.org")
        return tuple(origin.lower() for origin in origins if origin)

    @field_validator("chroma")
    @classmethod
    def _without_slash(cls, chroma: str | None) -> str | None:
        return chroma.rstrip("/") if chroma else chroma

    @field_validator("learner_rate", "address_rate")
    @classmethod
    def _is_rate(cls, rate: str) -> str:
        if not re.fullmatch(r"[1-9]\d*/(second|minute|hour|day)", rate):
            raise ValueError("write it as 60/minute")
        return rate

    @field_validator("webhook_secret")
    @classmethod
    def _is_whole(cls, secret: str | None) -> str | None:
        if secret is not None and not _WEBHOOK_SECRET.fullmatch(secret):
            raise ValueError(
                'no whole secret; `echo "whsec_$(openssl rand -base64 32)"` makes one, for the '
                "portal and for Mentor"
            )
        return secret

    @model_validator(mode="after")
    def _signed(self) -> Settings:
        if self.webhook and not self.webhook_secret:
            raise ValueError("a webhook needs MENTOR_WEBHOOK_SECRET, which signs its messages")
        return self

    @property
    def is_open(self) -> bool:
        """Whether nobody has to say who they are: no secret is set, and strangers cannot come."""
        return self.token_secret is None and self.token_keys is None

    @field_validator("home", "corpus", "lora_path")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return path.expanduser() if path else path

    @property
    def index_dir(self) -> Path:
        """Each embedder's own, so that one index stays in use while another is built."""
        index = self.home / "index"
        if self.embedder == "embedded":
            return index
        mark = hashlib.sha256(self.embedder.encode()).hexdigest()[:8]
        name = re.sub(r"[^\w.-]+", "-", self.embedder).strip("-")[-40:]
        return index / EMBEDDERS / f"{name}-{mark}"

    @property
    def models_dir(self) -> Path:
        """Weights that were downloaded."""
        return self.data_dir / "models"

    @property
    def sources(self) -> Path:
        """What is indexed beside the corpus, whatever the embedder."""
        return self.home / "index" / "sources.json"

    @property
    def data_dir(self) -> Path:
        return self.home / "data"

    @property
    def cache_dir(self) -> Path:
        return self.data_dir / "cache"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**flags: Any) -> Settings:
    """Read the settings; `flags` that are None were not given.

    Raises:
        SettingsError: a key is unknown or a value cannot be right; the message names it.
    """
    _refuse_unknown_variables()
    try:
        return Settings(**{key: value for key, value in flags.items() if value is not None})
    except ValidationError as exc:
        raise _refusal(exc.errors()[0]) from exc
    except (ValueError, OSError) as exc:  # tomllib's TOMLDecodeError among them
        raise SettingsError(
            f"mentor.toml cannot be read: {exc}.", cure="Correct the file."
        ) from exc


def _refusal(error: ErrorDetails) -> SettingsError:
    """What is wrong with a setting. Its value is left out where it may be a secret."""
    key = ".".join(str(part) for part in error["loc"])
    if not key:  # of the settings together; their values are all of them, secrets too
        return SettingsError(
            f"The settings do not go together: {error['ctx']['error']}.",
            cure="Correct the flags, the environment or mentor.toml.",
        )
    if error["type"] == "extra_forbidden":
        return SettingsError(f"There is no setting named {key!r}.", cure=_nearest(key))
    is_secret = not Settings.model_fields[str(error["loc"][0])].repr
    value = "what it is" if is_secret else repr(error["input"])
    return SettingsError(
        f"The setting {key!r} cannot be {value}: {error['msg']}.",
        cure=f"Correct the flag, {PREFIX}{key.upper()} or mentor.toml.",
    )


def _refuse_unknown_variables() -> None:
    for variable in os.environ:
        if variable.startswith(PREFIX):
            key = variable.removeprefix(PREFIX).lower()
            if key not in Settings.model_fields:
                raise SettingsError(
                    f"The environment has {variable}, but there is no such setting.",
                    cure=_nearest(key),
                )


def _nearest(key: str) -> str:
    near = get_close_matches(key, Settings.model_fields, n=1)
    known = ", ".join(sorted(Settings.model_fields))
    return f"Did you mean {near[0]!r}?" if near else f"Known settings: {known}."
