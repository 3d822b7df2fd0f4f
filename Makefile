# Everything sets itself up: a .venv, torch's CPU build, the rest from pyproject.toml. `make help` lists what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TORCH := torch==2.13.0
# Tried together on CPython 3.11. The ranges in pyproject.toml are what may work; this is what was seen to.
PINNED := transformers==5.17.0 trl==1.14.2 datasets==4.8.5 peft==0.21.2 accelerate==1.15.0 tokenizers==0.23.3 \
	gguf==0.19.0 llama-cpp-python==0.3.36 python-flint==0.9.0 reasoning-gym==0.1.25

# Spinning OpenMP threads cost an order of magnitude on a machine that is also busy with something else.
export OMP_WAIT_POLICY = PASSIVE
export TOKENIZERS_PARALLELISM = false

.PHONY: help demo quickstart test test-fast check prove format clean

help:
	@echo "make demo    climb the whole ladder into runs/demo (about 8 minutes on two cores, installing apart)"
	@echo "make quickstart    two models, a judge, rows to train on, and a model trained on them (about two minutes)"
	@echo "make test    all tests; make test-fast leaves the slow ones out"
	@echo "make check   lint, types, import floors"
	@echo "make prove   200 problems of every family and level by both routes, and the verifier on each (about an hour)"
	@echo "make clean   remove .venv and runs/demo"

demo: $(READY)
	$(BIN)/finetune ladder --preset cpu --out runs/demo
	@echo "open runs/demo/report.html"

# The ten lines of the README with models that were grown here: the embedded one and one of the mini ladder answer, its
# reward model judges. That one likes long and polite answers, and the audit says so: hence the `-` and `warn`.
QUICK := runs/quickstart
EMBEDDED := llama:samples/homegrown-0.5m/homegrown-0.5m.gguf
quickstart: $(READY)
	$(BIN)/finetune ladder --preset mini --out runs/mini
	$(BIN)/datagen lessons --count 300 --out $(QUICK)/prompts.jsonl
	$(BIN)/datagen pairs --prompts $(QUICK)/prompts.jsonl --engine $(EMBEDDED) --engine llama:runs/mini/gguf/sft.gguf \
		--judge reward:runs/mini/rungs/reward --out $(QUICK)/pairs.jsonl
	-$(BIN)/datagen audit $(QUICK)/pairs.jsonl
	$(BIN)/datagen export $(QUICK)/pairs.jsonl --kind sft,dpo --audit warn --overwrite --out $(QUICK)/data
	$(BIN)/finetune sft --model runs/mini/rungs/sft --data $(QUICK)/data/sft.jsonl --steps 20 --out $(QUICK)/sft
	$(BIN)/finetune dpo --model $(QUICK)/sft --data $(QUICK)/data/dpo.jsonl --steps 10 --out $(QUICK)/dpo
	$(BIN)/finetune export $(QUICK)/dpo --gguf q8_0 --out $(QUICK)/model.gguf

test: $(READY)
	$(BIN)/python -m pytest --durations=25

test-fast: $(READY)
	$(BIN)/python -m pytest -m "not slow"

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_floors.py

# What the tests do with a few items of each family and level, with many.
prove: $(READY)
	PROOFS=200 $(BIN)/python -m pytest tests/datagen/test_problems_families.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# torch first and alone: anything that asks for it more loosely pulls gigabytes of CUDA onto a machine without a GPU.
$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14) and "Python 3.10 to 3.13 is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet $(PINNED) --editable '.[train,dev]'
	touch $@

clean:
	rm -rf $(VENV) runs/demo
