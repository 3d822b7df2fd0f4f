"""The models of the stand-in for an Ollama server, and how it answers: see
`ollama_stand_in.py`. Not a test itself.

Follows what Ollama's source does with a prompt (server/prompt.go, server/routes.go, llm/llama_server.go).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

THOUGHT_TOKENS = 12
NEWEST = {"truncate": True, "render": True, "logprobs": True, "counts_cached": True, "tells_context": True}
"""What newer servers have; off, the stand-in is as old as before they had it."""
TEMPLATE = "{{ .Prompt }}"
THINKING_TEMPLATE = "{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Prompt }}"
DEFAULTS = {
    **{"num_ctx": 4096, "num_predict": -1, "num_keep": 4, "temperature": 0.8, "top_k": 40, "top_p": 0.9},
    **{"min_p": 0.0, "typical_p": 1.0, "repeat_last_n": 64, "repeat_penalty": 1.1, "seed": -1},
    **{"presence_penalty": 0.0, "frequency_penalty": 0.0, "stop": []},
}
"""Ollama's own (api/types.go, DefaultOptions; the context is that of a card of less than 24 GB)."""
SAMPLERS = (
    *("temperature", "top_k", "top_p", "min_p", "typical_p", "repeat_last_n", "repeat_penalty"),
    *("presence_penalty", "frequency_penalty", "seed", "stop"),
)


class ApiError(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass
class Model:
    """What a manifest names."""

    path: Path
    template: str = TEMPLATE
    system: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    thinks: bool = False
    modified: str = field(default_factory=lambda: now())

    @property
    def metadata(self) -> dict[str, Any]:
        from datagen.engines.files.gguf_file import read_gguf

        return dict(read_gguf(self.path).metadata)

    @property
    def digest(self) -> str:
        weights = hashlib.sha256(self.path.read_bytes()).hexdigest()
        manifest = [weights, self.template, self.system, self.parameters, self.thinks]
        return hashlib.sha256(json.dumps(manifest).encode()).hexdigest()

    @property
    def details(self) -> dict[str, Any]:
        family = str(self.metadata.get("general.architecture"))
        sizes = {"parameter_size": "0.2M", "quantization_level": "F32"}
        return {"parent_model": "", "format": "gguf", "family": family, "families": [family], **sizes}

    @property
    def parameter_lines(self) -> str:
        lines = []
        for name, value in self.parameters.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"{name:<30} {json.dumps(one) if isinstance(one, str) else one}")
        return "\n".join(lines)


class Runner:
    """One loaded model: llama-server in this process, with the context and shifting it was loaded with."""

    def __init__(self, model: Model, num_ctx: int, shift: bool) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(model.path)
        params.n_parallel, params.n_ctx, params.port = 1, num_ctx, 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        params.warmup, params.ctx_shift = False, shift
        self.key = (str(model.path), num_ctx, shift)
        self.num_ctx, self.shift = num_ctx, shift
        self._server = xllamacpp.Server(params)
        self._host = self._server.listening_address.removeprefix("http://")

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status >= 400:
            raise ApiError(answer.status, text)
        found: dict[str, Any] = json.loads(text)
        return found

    def stream(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The events of a completion. Closing the iterator hangs up, and so ends the work."""
        connection = http.client.HTTPConnection(self._host)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/completion", json.dumps({**body, "stream": True}), headers)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise ApiError(answer.status, answer.read().decode().strip())
            for line in answer:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])
        finally:
            connection.close()

    def tokens(self, text: str, special: bool = True) -> list[int]:
        found: list[int] = self.post("/tokenize", {"content": text, "add_special": special})["tokens"]
        return found

    def render(self, messages: list[dict[str, Any]]) -> str:
        return str(self.post("/apply-template", {"messages": messages})["prompt"])


class Ollama:
    """The state of the server: models by full name, blobs, what is loaded, and what is to go wrong."""

    def __init__(self, registry: dict[str, Path], folder: Path) -> None:
        self.registry, self.folder = registry, folder
        self.models: dict[str, Model] = {}
        self.runner: Runner | None = None
        self.loaded: str | None = None
        self.one_at_a_time = threading.Lock()  # OLLAMA_NUM_PARALLEL is 1
        self.requests: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.era = dict(NEWEST)
        self.most_context = 2**20  # less: a server that does not give what it is asked for
        self.load_s = 0.0
        self.loads = 0

    def model(self, name: str) -> Model:
        if not name:
            raise ApiError(400, "model is required")
        found = self.models.get(full(name))
        if found is None:
            raise ApiError(404, f"model '{name}' not found")
        return found

    def load(self, name: str, options: dict[str, Any], shift: bool) -> Runner:
        model = self.model(name)
        trained = int(model.metadata.get(f"{model.details['family']}.context_length", 2048))
        num_ctx = min(int(options["num_ctx"]), trained, self.most_context)
        if self.runner is None or self.runner.key != (str(model.path), num_ctx, shift):
            self.runner = None
            time.sleep(self.load_s)  # how long a large model takes from a disk
            self.runner = Runner(model, num_ctx, shift)
            self.loads += 1
        self.loaded = full(name)
        return self.runner

    def fault(self, path: str) -> dict[str, Any]:
        """The fault that befalls this request, taken off the list; or an empty one."""
        for fault in self.faults:
            if path == fault.get("path", path) and fault["times"] > 0:
                fault["times"] -= 1
                return fault
        return {"kind": "none"}


@dataclass
class Asked:
    """A request for text, read as Ollama reads it."""

    server: Ollama
    path: str
    body: dict[str, Any]

    def __post_init__(self) -> None:
        if not 0 <= int(self.body.get("top_logprobs") or 0) <= 20:
            raise ApiError(400, "top_logprobs must be between 0 and 20")
        self.name = str(self.body.get("model") or "")
        self.model = self.server.model(self.name)
        self.chat = self.path == "/api/chat"
        self.options = {**DEFAULTS, **self.model.parameters, **(self.body.get("options") or {})}
        new = self.server.era["truncate"]
        self.truncate = self.body.get("truncate") is not False or not new
        self.shift = self.body.get("shift") is not False or not new
        self.think = self.body.get("think")
        if self.think and not self.model.thinks:
            raise ApiError(400, f'"{self.name}" does not support thinking')
        if self.think is None and self.model.thinks:
            self.think = True

    @property
    def says_nothing(self) -> bool:
        return not self.body.get("messages" if self.chat else "prompt")

    @property
    def unloads(self) -> bool:
        return self.says_nothing and self.body.get("keep_alive") == 0

    def unload(self) -> None:
        if self.server.loaded == full(self.name):
            self.server.runner = self.server.loaded = None

    def messages(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = list(self.body["messages"]) if self.chat else []
        if not self.chat:
            messages = [{"role": "user", "content": self.body["prompt"]}]
        if self.model.system and messages[0]["role"] != "system":
            messages = [{"role": "system", "content": self.model.system}, *messages]
        return messages

    def prompt(self, runner: Runner) -> str:
        """The text of the prompt, the oldest messages dropped while it is too long, system messages kept."""
        if self.body.get("raw"):
            return str(self.body["prompt"])
        messages = self.messages()
        first = 0
        while self.truncate and first < len(messages) - 1:
            if len(runner.tokens(runner.render(kept(messages, first)))) <= runner.num_ctx:
                break
            first += 1
        return runner.render(kept(messages, first))


def kept(messages: list[dict[str, Any]], first: int) -> list[dict[str, Any]]:
    return [*(m for m in messages[:first] if m["role"] == "system"), *messages[first:]]


def cut(asked: Asked, runner: Runner, prompt: str) -> str | list[int]:
    """The prompt as it goes to llama-server: what is too long loses its middle, in silence."""
    tokens = runner.tokens(prompt)
    if not asked.truncate or len(tokens) <= runner.num_ctx - 1:
        return prompt
    if not runner.shift:
        raise ApiError(400, "the prompt is longer than the context length currently available to the model")
    keep = min(int(asked.options["num_keep"]), runner.num_ctx - 1)
    limit = runner.num_ctx - max((runner.num_ctx - keep) // 2, 1)
    return tokens[:keep] + tokens[keep + len(tokens) - limit :]


def answer(asked: Asked) -> Iterator[dict[str, Any]]:
    """The parts of an answer. Raises `ApiError` before the first."""
    server, started = asked.server, time.perf_counter_ns()
    if asked.unloads:
        asked.unload()
        yield asked_for_nothing(asked, "unload")
        return
    with server.one_at_a_time:
        runner = server.load(asked.name, asked.options, asked.shift)
        loaded = time.perf_counter_ns()
        if asked.says_nothing:
            yield asked_for_nothing(asked, "load")
            return
        prompt = asked.prompt(runner)
        if asked.body.get("_debug_render_only") and server.era["render"]:
            yield {**part(asked, ""), "_debug_info": {"rendered_template": prompt}}
            return
        budget = int(asked.options["num_predict"])
        thought, thought_tokens = "", 0
        form = asked.body.get("format")
        if asked.model.thinks and not asked.body.get("raw"):
            if not asked.think:
                form = None  # ollama issue 14645: the constraint waits for thoughts that never come
            else:
                room = THOUGHT_TOKENS if budget < 0 else min(THOUGHT_TOKENS, budget)
                for event in runner.stream(llama_body(asked, f"{prompt}<think>\n", room, None)):
                    thought += event["content"]
                    thought_tokens += not event["stop"]
                    if event["content"]:
                        yield part(asked, "", thinking=event["content"])
                budget = budget if budget < 0 else max(1, budget - room)
                prompt = f"{prompt}<think>\n{thought}\n</think>\n\n"
        for event in runner.stream(llama_body(asked, cut(asked, runner, prompt), budget, form)):
            if event["content"] and not event["stop"]:
                yield part(asked, event["content"], event=event)
            if event["stop"]:
                yield last(asked, event, (started, loaded), thought_tokens)


def llama_body(asked: Asked, prompt: str | list[int], budget: int, form: Any) -> dict[str, Any]:
    limit = 10 * int(asked.options["num_ctx"])
    body = {name: asked.options[name] for name in SAMPLERS}
    body |= {"prompt": prompt, "cache_prompt": True, "n_keep": asked.options["num_keep"]}
    body["n_predict"] = limit if budget < 0 else min(budget, limit)
    if form:
        body["json_schema"] = {"type": "object"} if form == "json" else form
    if asked.body.get("logprobs") and asked.server.era["logprobs"]:
        body["n_probs"] = max(1, int(asked.body.get("top_logprobs") or 0))
    return body


def part(
    asked: Asked, text: str, *, thinking: str = "", event: dict[str, Any] | None = None
) -> dict[str, Any]:
    found: dict[str, Any] = {"model": asked.name, "created_at": now(), "done": False}
    if asked.chat:
        found["message"] = {"role": "assistant", "content": text}
        if thinking:
            found["message"]["thinking"] = thinking
    else:
        found["response"] = text
        if thinking:
            found["thinking"] = thinking
    probabilities = (event or {}).get("completion_probabilities")
    if probabilities:
        found["logprobs"] = [logprob(entry, asked) for entry in probabilities]
    return found


def logprob(entry: dict[str, Any], asked: Asked) -> dict[str, Any]:
    found = {"token": entry["token"], "logprob": entry["logprob"]}
    if asked.body.get("top_logprobs"):
        alternatives = entry["top_logprobs"][: asked.body["top_logprobs"]]
        found["top_logprobs"] = [{"token": a["token"], "logprob": a["logprob"]} for a in alternatives]
    return found


def last(asked: Asked, event: dict[str, Any], clock: tuple[int, int], thought_tokens: int) -> dict[str, Any]:
    started, loaded = clock
    timings = event["timings"]
    cached = timings.get("cache_n", 0) if asked.server.era["counts_cached"] else 0
    return {
        **part(asked, event["content"]),
        "done": True,
        "done_reason": "length" if event["stop_type"] == "limit" else "stop",
        "total_duration": time.perf_counter_ns() - started,
        "load_duration": loaded - started,
        "prompt_eval_count": cached + timings["prompt_n"],
        "prompt_eval_duration": int(timings["prompt_ms"] * 1e6),
        "eval_count": timings["predicted_n"] + thought_tokens,
        "eval_duration": int(timings["predicted_ms"] * 1e6),
    }


def asked_for_nothing(asked: Asked, reason: str) -> dict[str, Any]:
    return {**part(asked, ""), "done": True, "done_reason": reason}


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


def full(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
