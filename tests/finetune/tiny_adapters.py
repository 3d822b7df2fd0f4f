"""Models under adapters for the tests: tiny, with numbers moved away from where they start."""

from __future__ import annotations

from tiny_stages import stage_of

LORA = {"tune": "lora", "lora_rank": 4}
LINEAR = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]


def settings_of(tiny, tmp_path, stage="sft", **changes):
    return stage_of(stage)[0](**tiny.settings(stage) | LORA | {"out": tmp_path} | changes)


def tuned(tiny, tmp_path, **changes):
    """A PEFT model as a stage trains it."""
    from finetune.tuning import Tuning

    made = settings_of(tiny, tmp_path, **changes)
    return Tuning(made, made.model).model()


def moved(model, seed=1, size=0.05):
    """Other numbers wherever training would change them."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight.add_(size * torch.randn(weight.shape, generator=generator))
    return model


def logits(model):
    import torch

    with torch.no_grad():
        return model(input_ids=torch.arange(1, 65).view(2, 32)).logits.float()


def loaded(folder, **options):
    from finetune.model import load_model

    return load_model(folder, **options)


def adapted_settings(tiny, stage, **changes):
    """Settings of a stage that trains an adapter; pretraining goes on with a model."""
    given = {"tokenizer": None, "model": tiny.model} if stage == "pretrain" else {}
    return tiny.settings(stage) | LORA | given | changes
