"""A headless Chromium that tests drive over its DevTools protocol, through a pair of pipes.

The protocol itself, and not a library over it: what is asked here is little (open, press, read,
log what goes to the network), and the whole driver is shorter than the set-up of one.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, cast

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 60.0
"""Seconds that a busy machine may take for one answer."""

_LAUNCH = """
import os, sys
from fcntl import F_DUPFD, fcntl
given = [fcntl(int(pipe), F_DUPFD, 10) for pipe in sys.argv[1:3]]
os.dup2(given[0], 3)
os.dup2(given[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads commands from descriptor 3 and writes answers to 4."""

Answer = dict[str, object]


def find_chromium() -> str | None:
    """The browser: ROLECALL_CHROMIUM, or the first of NAMES that is on PATH."""
    return os.environ.get("ROLECALL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One tab. `console` and `requests` gather what the page said and what it asked for."""

    def __init__(self, program: str, profile: Path) -> None:
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        arguments = [
            program,
            "--headless=new",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "--no-sandbox",
            "--no-first-run",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "about:blank",
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(to_read), str(to_write), *arguments],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._number = 0
        self._rest = b""
        self._session: str | None = None
        self.console: list[str] = []
        self.requests: list[str] = []
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(PATIENCE)
        os.close(self._read)
        os.close(self._write)

    def open(self, path: Path, address: str = "", *, width: int = 1280, height: int = 900) -> None:
        """Load a file from the disk, with `#address` if given, and wait until it is drawn."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.send("Page.navigate", url="about:blank")
        self.console.clear()
        self.requests.clear()
        self.send("Page.navigate", url=path.as_uri() + (f"#{address}" if address else ""))
        self.wait("document.documentElement?.dataset.ready")

    def media(self, **features: str) -> None:
        """Emulate `prefers_color_scheme="dark"`, or `media="print"`."""
        given = [
            {"name": name.replace("_", "-"), "value": value}
            for name, value in features.items()
            if name != "media"
        ]
        self.send("Emulation.setEmulatedMedia", media=features.get("media", ""), features=given)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return cast("Answer", answer["result"]).get("value")

    def wait(self, script: str, seconds: float = PATIENCE) -> Any:
        """The value of an expression as soon as it is true; a node is none, ask `!== null`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.run(script):
                return found
            time.sleep(0.02)
        raise AssertionError(f"never true: {script}")

    def press(self, key: str, **more: object) -> None:
        """Press and let go a key: `Enter`, `Escape`, `Tab`, `ArrowDown`, `/`."""
        codes = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38}
        codes |= {"ArrowRight": 39, "ArrowDown": 40}
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        down: dict[str, object] = {"key": key, "code": key, **more}
        down["windowsVirtualKeyCode"] = codes.get(key, ord(key[0].upper()))
        if text:
            down["text"] = text
        self.send("Input.dispatchKeyEvent", type="keyDown", **down)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def type(self, text: str) -> None:
        """Put text where the cursor is, as a paste does."""
        self.send("Input.insertText", text=text)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of what is seen, or of the whole page."""
        taken = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(str(taken["data"])))

    def printed(self) -> bytes:
        """The page as PDF, as a printer would have it."""
        taken = self.send("Page.printToPDF", printBackground=False, paperWidth=8.27)
        return base64.b64decode(str(taken["data"]))

    def send(self, method: str, **parameters: object) -> Answer:
        """One command of the protocol, and its answer; raises AssertionError on an error."""
        self._number += 1
        message: Answer = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return cast("Answer", answer["result"])
            self._note(answer)

    def _attach(self) -> None:
        targets = cast("list[Answer]", self.send("Target.getTargets")["targetInfos"])
        tab = next(target["targetId"] for target in targets if target["type"] == "page")
        attached = self.send("Target.attachToTarget", targetId=tab, flatten=True)
        self._session = str(attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)

    def _next(self) -> Answer:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(end - time.monotonic(), 0))
            if not ready:
                raise AssertionError("the browser does not answer")
            part = os.read(self._read, 1 << 20)
            if not part:
                raise AssertionError("the browser is gone")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return cast("Answer", json.loads(message))

    def _note(self, message: Mapping[str, object]) -> None:
        parameters = cast("Answer", message.get("params", {}))
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(str(cast("Answer", parameters["request"])["url"]))
        elif message.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.console.append(json.dumps(parameters))
        elif message.get("method") == "Log.entryAdded":
            self.console.append(json.dumps(parameters["entry"]))
