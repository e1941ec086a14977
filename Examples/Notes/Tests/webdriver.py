"""As much of the WebDriver protocol as the browser test needs, by the standard library."""

import base64
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from processes import free_port, stop, wait_until


class Driver:
    """One chromedriver, which starts the browsers. They end with it."""

    def __init__(self):
        program = shutil.which("chromedriver")
        if not program:
            raise SystemExit("chromedriver is missing: apt-get install -y chromium chromium-driver")
        self.port = free_port()
        self.process = subprocess.Popen(
            [program, f"--port={self.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.browsers = []
        try:
            wait_until("chromedriver is ready", lambda: self.call("GET", "/status")["ready"])
        except BaseException:
            self.stop()
            raise

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["value"]

    def browser(self, profile, user_agent=None):
        browser = Browser(self, profile, user_agent)
        self.browsers.append(browser)
        return browser

    def stop(self):
        for browser in list(self.browsers):
            browser.quit()
        stop(self.process)


class Browser:
    """One browser with a profile of its own: cookies, cache and history."""

    def __init__(self, driver, profile, user_agent):
        arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run",
                     "--window-size=1000,800", f"--user-data-dir={profile}"]
        if user_agent:
            arguments.append(f"--user-agent={user_agent}")
        self.driver = driver
        capabilities = {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}
        session = driver.call("POST", "/session", {"capabilities": capabilities})
        self.version = session["capabilities"]["browserVersion"]
        self.path = f"/session/{session['sessionId']}"

    def call(self, method, path, body=None):
        return self.driver.call(method, self.path + path, body)

    def quit(self):
        self.driver.browsers.remove(self)
        try:
            self.driver.call("DELETE", self.path)
        except OSError:
            pass

    # What a person does

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    def back(self):
        self.call("POST", "/back", {})

    def reload(self):
        self.call("POST", "/refresh", {})

    def type(self, selector, text):
        self.call("POST", f"/element/{self._element(selector)}/value", {"text": text})

    def click(self, selector):
        """Clicks on something that leads to another page, and waits for that page."""
        self.call("POST", "/execute/sync", {"script": "window.isOldPage = true", "args": []})
        self.call("POST", f"/element/{self._element(selector)}/click", {})
        wait_until(f"the click on {selector} has led to a page", self._is_new_page)

    def check(self, selector):
        self.call("POST", f"/element/{self._element(selector)}/click", {})

    def _is_new_page(self):
        script = "return !window.isOldPage && document.readyState === 'complete'"
        return self.call("POST", "/execute/sync", {"script": script, "args": []})

    # What a person sees

    @property
    def address(self):
        return self.call("GET", "/url")

    @property
    def text(self):
        return self.call("POST", "/execute/sync", {"script": "return document.body.innerText", "args": []})

    @property
    def title(self):
        return self.call("GET", "/title")

    def shows(self, selector):
        return bool(self.call("POST", "/elements", {"using": "css selector", "value": selector}))

    def count(self, selector):
        return len(self.call("POST", "/elements", {"using": "css selector", "value": selector}))

    def attribute(self, selector, name):
        return self.call("GET", f"/element/{self._element(selector)}/attribute/{name}")

    def _element(self, selector):
        try:
            element = self.call("POST", "/element", {"using": "css selector", "value": selector})
        except urllib.error.HTTPError as error:
            raise AssertionError(f"no {selector} on {self.address}: {error}\n{self.text}") from None
        return next(iter(element.values()))

    # The browser's cookie store, and pictures

    def cookie(self, name):
        return next((cookie for cookie in self.call("GET", "/cookie") if cookie["name"] == name), None)

    def plant(self, cookie):
        self.call("POST", "/cookie", {"cookie": cookie})

    def screenshot(self, path, width=1000, height=800, dark=False):
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._devtools("Emulation.setEmulatedMedia", features=scheme)
        self._devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=False)
        time.sleep(0.2)
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", "/screenshot")))
        self._devtools("Emulation.clearDeviceMetricsOverride")
        self._devtools("Emulation.setEmulatedMedia", features=[])

    def _devtools(self, command, **parameters):
        self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})
