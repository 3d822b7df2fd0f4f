"""What of a model is trained, kept on the way and left behind: all its weights, or a LoRA adapter on them.

Every stage asks here for the model it trains, so that none of them knows which it is. The files are the
affair of `adapters.py` and `model.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from finetune.adapters import (
    ADAPTER_FOLDER,
    is_adapter,
    keep_adapter,
    open_weights,
    require_mergeable,
    write_adapter,
    write_merged,
)
from finetune.disk import writing
from finetune.model import load_model, save_model
from finetune.progress import say
from finetune.sampling import evaluating
from finetune.settings import AdapterSettings
from finetune.training import uses_bf16
from schemas import UserError, unknown_name
from schemas.settings import fields_of

Load = Callable[..., Any]
"""As `load_model`: from a folder, a `dtype` and `four_bit` to a model."""

RSLORA_ALPHA = 8.0
"""At rank 16 the scale that `alpha / rank` gives with an alpha of twice the rank."""


class Tuning:
    """How one stage tunes the model in `given`. `head`: a module outside the blocks that is trained whole."""

    def __init__(
        self, settings: AdapterSettings, given: Path, *, load: Load = load_model, head: str | None = None
    ) -> None:
        self.settings, self.given, self.load, self.head = settings, given, load, head
        self.adapts = settings.tune != "full"
        if settings.tune == "qlora":
            require_four_bits()
        if self.adapts:
            _advise_rate(settings)
            if settings.save == "adapter" and is_adapter(given):
                mend = "give --save merged, or start from a folder with whole weights"
                raise UserError("an adapter cannot be the model of another one", where=given, mend=mend)

    def model(self, kept: Path | None = None) -> Any:
        """The model to train: as it was given, or as `keep` left it in the folder `kept`."""
        if not self.adapts:
            return self.load(kept or self.given, dtype="float32")
        base = self._base()
        model = self._restored(base, kept) if kept else self._new(base)
        _as_trained(model)
        if self.settings.gradient_checkpointing:
            model.enable_input_require_grads()  # or nothing before the first adapter would be differentiated
        return model

    def again(self, model: Any, kept: Path) -> Any:
        """What `keep` left in the folder `kept`; where that is an adapter, put on the model at hand."""
        if not self.adapts:
            return self.load(kept, dtype="float32")
        model.load_adapter(str(kept), "default", is_trainable=True)
        _as_trained(model)
        return model

    def settle(self, model: Any) -> None:
        """Undo what TRL does to a model that comes with an adapter, so that its reference is the base alone.

        It copies the adapter as a second one to compare with, and rounds the adapter of a 4-bit model.
        """
        if self.adapts:
            if "ref" in model.peft_config:
                model.delete_adapter("ref")
            _as_trained(model)

    def keep(self, model: Any, tokenizer: Any, folder: Path) -> None:
        """Write what `model` reads back: all weights, or the adapter alone."""
        keep_adapter(model, folder) if self.adapts else save_model(model, tokenizer, folder)

    def save(self, model: Any, tokenizer: Any) -> None:
        """Write what the stage leaves behind into its folder."""
        out = self.settings.out
        if not self.adapts:
            save_model(model, tokenizer, out)
        elif self.settings.save == "adapter":
            write_adapter(model, out, self.given)
            with writing(out):
                tokenizer.save_pretrained(out)
        else:
            write_adapter(model, out / ADAPTER_FOLDER, self.given)
            write_merged(model, tokenizer, out / ADAPTER_FOLDER, self.given, out)

    def _base(self) -> Any:
        """The weights under the adapter. They are never updated, so they need no more bits than are used."""
        open_weights(self.given)  # incomplete files are said before anything is trained
        dtype = "bfloat16" if uses_bf16(self.settings) else "float32"
        four_bit = self.settings.tune == "qlora"
        return self.load(self.given, dtype=dtype, **({"four_bit": True} if four_bit else {}))

    def _new(self, base: Any) -> Any:
        """A new adapter: B is zero, so the model computes what it did before."""
        import torch
        from peft import LoraConfig, get_peft_model

        settings = self.settings
        alpha = settings.lora_alpha or (RSLORA_ALPHA if settings.lora_rslora else 2.0 * settings.lora_rank)
        config = LoraConfig(
            r=settings.lora_rank,
            lora_alpha=alpha,  # type: ignore[arg-type]  # PEFT divides by the rank and takes any number
            lora_dropout=settings.lora_dropout,
            target_modules=targets(base, settings.lora_targets, self.given),
            use_rslora=settings.lora_rslora,
            modules_to_save=[self.head] if self.head else None,
            task_type="SEQ_CLS" if self.head else "CAUSAL_LM",
        )
        with torch.random.fork_rng():
            torch.manual_seed(settings.seed)
            model = get_peft_model(base, config)
        if settings.save == "merged":
            require_mergeable(model, self.given)
        return model

    def _restored(self, base: Any, kept: Path) -> Any:
        from peft import PeftModel

        return PeftModel.from_pretrained(base, kept, is_trainable=True, local_files_only=True)


class Start:
    """The model a stage was given, beside the one in training: the same one with its adapter off, or a copy.

    Called like a model, without gradients.
    """

    def __init__(self, trained: Any, load: Callable[[], Any]) -> None:
        self.trained = trained
        self.copy = None if is_adapted(trained) else load().eval().requires_grad_(False)

    def to(self, device: Any) -> Start:
        """The same, on a device."""
        if self.copy is not None:
            self.copy.to(device)
        return self

    def __call__(self, **inputs: Any) -> Any:
        import torch

        with torch.no_grad():
            if self.copy is not None:
                return self.copy(**inputs)
            with self.trained.disable_adapter(), evaluating(self.trained):
                return self.trained(**inputs)


def is_adapted(model: Any) -> bool:
    """Whether a model is one under an adapter."""
    return hasattr(model, "peft_config") and hasattr(model, "disable_adapter")


def plain(model: Any) -> Any:
    """The model itself, its layers with the adapter in them, without what PEFT puts around it."""
    return model.get_base_model() if is_adapted(model) else model


def trained_weights(model: Any) -> dict[str, Any]:
    """The numbers that training changes, by name."""
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def targets(model: Any, wanted: tuple[str, ...] | None, where: object) -> list[str]:
    """Names of the linear layers of the transformer blocks, as a block calls them: all, or `wanted`."""
    import torch

    blocks = next((m for m in model.modules() if isinstance(m, torch.nn.ModuleList)), None)
    modules = blocks.named_modules() if blocks is not None else ()
    linear = {name.rpartition(".")[2] for name, module in modules if isinstance(module, torch.nn.Linear)}
    if not linear:
        raise UserError("the model has no linear layers in blocks", where=where, mend="give --tune full")
    for name in wanted or ():
        if name not in linear:
            raise unknown_name("layer", name, sorted(linear), where="--lora-targets")
    return sorted(wanted or linear)


def require_no_dropout(settings: AdapterSettings) -> None:
    """`UserError` when an adapter would be trained with dropout where a policy is compared with itself."""
    if settings.tune != "full" and settings.lora_dropout:
        what = "with dropout the policy would differ by chance from the one that sampled"
        raise UserError(what, where="--lora-dropout", mend="leave it at 0 here")


def require_four_bits() -> None:
    """`UserError` when this machine cannot hold weights in 4 bits."""
    from importlib.util import find_spec

    import torch

    if not torch.cuda.is_available():
        raise UserError("--tune qlora needs a GPU with CUDA", mend="give --tune lora, or --tune full")
    if find_spec("bitsandbytes") is None:
        mend = "pip install bitsandbytes, or give --tune lora"
        raise UserError("--tune qlora needs bitsandbytes, which is not installed", mend=mend)


def _as_trained(model: Any) -> None:
    """The adapter in float32, whatever the weights under it are in: its steps are too small for less."""
    for weight in trained_weights(model).values():
        weight.data = weight.data.float()


@functools.cache
def _say_once(line: str) -> None:
    say(line)


def _advise_rate(settings: AdapterSettings) -> None:
    """An adapter under a learning rate that was chosen for whole models hardly moves."""
    default = fields_of(type(settings))["learning_rate"].default
    if settings.learning_rate == default and default <= 2e-5:
        _say_once(
            f"note: --learning-rate is {default:g}, for whole models; adapters mostly want ten times it"
        )
