"""The programs that the browser test starts, and ends by their process ids."""

import http.client
import http.server
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time


def wait_until(what, condition, seconds=30):
    """Asks again and again until the condition holds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, f"in {seconds} seconds it did not happen that {what}"
        time.sleep(0.05)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def stop(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Notes:
    """The program under test. It can be started again with the same file and port."""

    def __init__(self, program, file, log):
        self.program, self.file, self.log = program, file, log
        self.port = free_port()
        self.process = None

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options):
        command = [self.program, "--port", str(self.port), "--file", self.file, *options]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        wait_until("the program answers", lambda: self.request("GET", "/login").status == 200)

    def kill(self):
        """What a power switch does to a program: no handler runs."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process:
            stop(self.process)
            return self.process.returncode
        return None

    def request(self, method, path, token=None, body=None, **headers):
        """A request without a browser. The names of headers are written with underscores."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Cookie"] = f"__Host-id={token}"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            response.text = response.read().decode()
            return response
        finally:
            connection.close()

    def session_rows(self):
        """How many sessions are in the file."""
        database = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)
        try:
            return database.execute("SELECT count(*) FROM live WHERE key LIKE 'ttl.session:%'").fetchone()[0]
        finally:
            database.close()

    def execute(self, sql):
        """As in the sqlite3 shell, beside the running program."""
        database = sqlite3.connect(self.file, timeout=10, isolation_level=None)
        try:
            database.execute(sql)
        finally:
            database.close()


class OtherSite:
    """Serves a page, on any host name and an origin of its own, that sends a form to the program at once."""

    def __init__(self, action):
        page = f"""<!doctype html><title>Win a prize</title><form method="post" action="{action}">
            <input name="text" value="forged"><input name="keep" value="forever"></form>
            <script>document.forms[0].submit()</script>""".encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
