"""What the example promises, each statement tried in a browser. A statement that does not hold is an AssertionError."""

import pathlib
import time

from processes import Notes, OtherSite, wait_until

COOKIE = "__Host-id"
ADA, BOB = ("ada", "engine-1843"), ("bob", "sailing-boat-7")
SECRET = "the cake is under the stairs"


def holds(statement, condition, detail=""):
    if not condition:
        raise AssertionError(f"{statement}\n{detail}")
    print(f"ok  {statement}", flush=True)


def log_in(browser, notes, user, remember=False):
    browser.open(notes.origin + "/login")
    browser.type("[name=name]", user[0])
    browser.type("[name=password]", user[1])
    if remember:
        browser.check("[name=remember]")
    browser.click("#log-in")


def add_note(browser, text):
    browser.type("[name=text]", text)
    browser.click("#add-note")


def is_at_login(browser, notes):
    return browser.address.startswith(notes.origin + "/login") and SECRET not in browser.text


def opens(notes, token):
    """Whether a token opens the notes: 303 leads to the login."""
    return notes.request("GET", "/", token).status == 200


def test_login(notes, browser):
    browser.open(notes.origin + "/")
    holds("without a session a private page leads to the login", is_at_login(browser, notes))

    log_in(browser, notes, (ADA[0], "wrong"))
    holds("a wrong password is refused with a message", "not a name and its password" in browser.text, browser.text)
    holds("a wrong password begins no session: no cookie, no row",
          browser.cookie(COOKIE) is None and notes.session_rows() == 0)

    # The form that the server's own tokens have.
    planted = "A" * 43
    browser.plant({"name": COOKIE, "value": planted, "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"})
    browser.open(notes.origin + "/login")
    holds("a planted cookie opens nothing",
          is_at_login(browser, notes) and browser.cookie(COOKIE)["value"] == planted and not opens(notes, planted))
    log_in(browser, notes, ADA)
    cookie = browser.cookie(COOKIE)
    holds("the login opens the notes", browser.title == "Notes · Notes", browser.text)
    holds("a planted cookie is not adopted: the login brings another one, and the planted one still opens nothing",
          cookie["value"] != planted and opens(notes, cookie["value"]) and not opens(notes, planted))
    holds("the browser keeps the cookie as promised: __Host-, Secure, HttpOnly, SameSite=Lax, this host, until it ends",
          cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Lax" and cookie["path"] == "/"
          and cookie["domain"] == "127.0.0.1" and "expiry" not in cookie, cookie)

    shown = "Welcome, ada." in browser.text
    browser.reload()
    holds("the flash message is shown once", shown and "Welcome, ada." not in browser.text)


def test_notes(notes, browser, other):
    add_note(browser, SECRET)
    holds("a note that was written is shown", SECRET in browser.text and "The note is kept for ever." in browser.text)
    add_note(browser, "\u0600<b id=injected>&amp;")
    holds("the text of a note is text, whatever it is",
          "<b id=injected>&amp;" in browser.text and not browser.shows("#injected"), browser.text)

    delete = browser.attribute(".note:last-child form", "action")
    delete = delete.removeprefix(notes.origin)
    for path in ["/logout", "/notes", delete, "/devices/end-others", "/devices/end-all", "/confirm"]:
        browser.open(notes.origin + path)
    browser.open(notes.origin + "/")
    holds("no GET changes anything: neither logs out nor deletes", SECRET in browser.text, browser.text)

    log_in(other, notes, BOB)
    holds("a note is private to its user", other.title == "Notes · Notes" and SECRET not in other.text)
    answer = notes.request("POST", delete, other.cookie(COOKIE)["value"], body="", Sec_Fetch_Site="same-origin")
    browser.reload()
    holds("another user can't delete a note by its address", answer.status == 404 and SECRET in browser.text)

    answer = notes.request("GET", "/", browser.cookie(COOKIE)["value"])
    policy = answer.headers["Content-Security-Policy"]
    holds("a private page is kept in no cache, and allows no script and no frame",
          answer.headers["Cache-Control"] == "no-store" and "default-src 'none'" in policy
          and "script-src" not in policy and "frame-ancestors 'none'" in policy, answer.headers)


def test_restart(notes, browser):
    before = browser.cookie(COOKIE)
    notes.kill()
    notes.start()
    browser.reload()
    holds("after kill -9 and a restart the user is still logged in, and the note is there",
          SECRET in browser.text and browser.cookie(COOKIE) == before, browser.text)
    holds("the page counts the restart", "survived 1 restart of the server" in browser.text, browser.text)
    status = notes.stop()
    log = pathlib.Path(notes.file + "-wal")
    holds("SIGTERM ends the program with status 0, and the store is closed", status == 0 and not log.exists(), status)
    notes.start()
    browser.reload()
    holds("the page counts the second restart", "survived 2 restarts of the server" in browser.text, browser.text)


def test_logout(notes, browser):
    token = browser.cookie(COOKIE)["value"]
    browser.open(notes.origin + "/")
    shown = SECRET in browser.text
    browser.click("#log-out")
    holds("a logout removes the cookie from the browser, and its token opens nothing",
          is_at_login(browser, notes) and browser.cookie(COOKIE) is None and not opens(notes, token))
    browser.back()
    holds("after a logout the back button shows nothing private",
          shown and is_at_login(browser, notes), browser.text)


def test_devices(notes, browser, other, screenshots):
    log_in(browser, notes, ADA)
    other.click("#log-out")
    log_in(other, notes, ADA, remember=True)
    screenshots.take(other, "notes")
    browser.open(notes.origin + "/devices")
    holds("the devices page shows both devices, marks this one, and says when each was seen",
          browser.count(".device") == 2 and browser.count(".device.current .badge") == 1
          and "Chrome on Linux" in browser.text and "Safari on iPhone" in browser.text
          and "Last seen just now" in browser.text and "Active now" in browser.text, browser.text)
    screenshots.take(browser, "devices")

    other.open(notes.origin + "/")
    browser.click(".device:not(.current) button")
    holds("one device logs another one out", "That device is logged out." in browser.text, browser.text)
    other.click("nav a[href='/devices']")
    holds("the device that was logged out is out at its next click, and is told", is_at_login(other, notes)
          and "Your session has ended" in other.text)

    log_in(other, notes, ADA, remember=True)
    other.open(notes.origin + "/devices")
    token = browser.cookie(COOKIE)["value"]
    other.click("#end-others")
    holds("a device logs out all others, and stays logged in",
          "1 other device is logged out." in other.text and not opens(notes, token)
          and opens(notes, other.cookie(COOKIE)["value"]), other.text)

    log_in(browser, notes, ADA)
    browser.open(notes.origin + "/")
    shown = SECRET in browser.text
    other.open(notes.origin + "/devices")
    other.click("#end-all")
    holds("a device logs out everywhere: it is out itself, without a cookie",
          is_at_login(other, notes) and other.cookie(COOKIE) is None and notes.session_rows() == 0, other.text)
    browser.click("nav a[href='/devices']")
    holds("the first profile is out at its next click", shown and is_at_login(browser, notes))
    browser.back()
    holds("the back button of the first profile shows nothing private", is_at_login(browser, notes), browser.text)


def test_freshness(notes, browser, screenshots):
    notes.kill()
    notes.start("--fresh", "6")
    log_in(browser, notes, ADA)
    token = browser.cookie(COOKIE)["value"]
    time.sleep(6.1)
    browser.open(notes.origin + "/devices")
    holds("a while after the login, the devices page says what comes",
          "You will be asked for your password" in browser.text, browser.text)
    browser.click("#end-all")
    screenshots.take(browser, "confirm")
    holds("a while after the login, to log out elsewhere needs the password again",
          browser.address == notes.origin + "/confirm" and opens(notes, token), browser.address)
    browser.type("[name=password]", "wrong")
    browser.click("#confirm")
    holds("a wrong password is refused there, and the session goes on",
          "not your password" in browser.text and opens(notes, token))
    browser.type("[name=password]", ADA[1])
    browser.click("#confirm")
    holds("the right password leads back to the devices, with another token",
          browser.address == notes.origin + "/devices" and not opens(notes, token)
          and opens(notes, browser.cookie(COOKIE)["value"]), browser.text)
    browser.click("#end-all")
    holds("then the user is logged out everywhere",
          is_at_login(browser, notes) and "everywhere" in browser.text, browser.text)


def test_two_servers(notes, browser):
    """A cookie is for a host, not for a port: the same browser may ask either."""
    twin = Notes(notes.program, notes.file, notes.log)
    twin.start()
    try:
        log_in(browser, notes, ADA)
        token = browser.cookie(COOKIE)["value"]
        holds("a second server on the same file knows the session", opens(twin, token))
        browser.open(twin.origin + "/devices")
        browser.click("#end-all")
        browser.open(notes.origin + "/")
        holds("a logout everywhere at one server counts at the next click on the other",
              is_at_login(browser, notes) and not opens(notes, token) and not opens(twin, token))
        log_in(browser, notes, ADA)
        token = browser.cookie(COOKIE)["value"]
        # As sqlite3 does in a shell.
        notes.execute("DELETE FROM sessions WHERE subject = 'ada'")
        browser.open(notes.origin + "/devices")
        holds("a row that is deleted from the view sessions is a logout",
              is_at_login(browser, notes) and not opens(notes, token) and not opens(twin, token))
    finally:
        twin.stop()


def test_idle(notes, browser):
    log_in(browser, notes, ADA)
    add_note(browser, SECRET)
    time.sleep(3.1)
    browser.click("nav a[href='/devices']")
    holds("a session that was idle for too long has ended",
          is_at_login(browser, notes) and "Your session has ended" in browser.text, browser.text)


def test_browser_restart(notes, driver, folder):
    notes.kill()
    notes.start()
    browser = driver.browser(folder / "forgetful")
    log_in(browser, notes, ADA)
    browser.quit()
    browser = driver.browser(folder / "forgetful")
    browser.open(notes.origin + "/")
    holds("without 'stay logged in' the session ends with the browser",
          is_at_login(browser, notes) and browser.cookie(COOKIE) is None)
    browser.quit()

    browser = driver.browser(folder / "remembering")
    log_in(browser, notes, ADA, remember=True)
    days = (browser.cookie(COOKIE)["expiry"] - time.time()) / 86_400
    browser.quit()
    browser = driver.browser(folder / "remembering")
    browser.open(notes.origin + "/")
    holds("with 'stay logged in' the cookie is kept for 30 days, and the login survives a restart of the browser",
          29.9 < days < 30.1 and SECRET in browser.text, f"{days} days\n{browser.text}")
    return browser


def test_forgery(notes, browser):
    site = OtherSite(notes.origin + "/notes")
    try:
        for host, what in [("127.0.0.1", "the same site, with the cookie"), ("localhost", "another site")]:
            browser.open(f"http://{host}:{site.port}/")
            wait_until("the form was sent", lambda: browser.address.startswith(notes.origin))
            holds(f"a forged form from another origin is refused: {what}",
                  browser.title == "Forbidden · Notes", browser.text)
    finally:
        site.stop()
    browser.open(notes.origin + "/")
    holds("the forged forms have changed nothing", SECRET in browser.text and "forged" not in browser.text)

    token = browser.cookie(COOKIE)["value"]

    def post(**headers):
        return notes.request("POST", "/notes", token, body="text=by+hand&keep=minute", **headers).status

    holds("without Sec-Fetch-Site the origin decides, and without both a form is refused",
          post(Origin=notes.origin) == 303 and post(Origin="http://evil.example") == 403 and post(Origin="null") == 403
          and post() == 403 and post(Sec_Fetch_Site="cross-site", Origin=notes.origin) == 403)


def test_rate_limit(notes, browser):
    for _ in range(10):
        log_in(browser, notes, (ADA[0], "wrong"))
        assert "not a name and its password" in browser.text, browser.text
    log_in(browser, notes, ADA)
    holds("after ten passwords in three minutes even the right one is refused",
          "Too many attempts" in browser.text and browser.cookie(COOKIE) is None, browser.text)
    notes.kill()
    notes.start()
    log_in(browser, notes, ADA)
    holds("a restart does not forget them", "Too many attempts" in browser.text, browser.text)
