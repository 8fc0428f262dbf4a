"""Take the README's pictures from a demo that runs, in a headless Chromium.

Playwright is not in the demo's requirements; requirements/screenshots.txt has it.
"""

from collections.abc import AsyncIterator
import contextlib
import io
import json
from pathlib import Path
import shutil
from typing import TYPE_CHECKING, Final

from PIL import Image

from . import scene
from .dashboard import PATH
from .errors import DemoError
from .site import Site

if TYPE_CHECKING:
    from playwright.async_api import Page

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_DESKTOP: Final = (1280, 800)
_PHONE: Final = (390, 844)
_INTEGRATION: Final = "/config/integrations/integration/plate_gate"
_LOADS: Final = 30_000  # milliseconds; the first page loads a whole web application


class Photographer:
    """Takes pictures of one site.

    Args:
        site: the site, with its dashboard.
        folder: where the pictures go; it is made.
    """

    def __init__(self, site: Site, folder: Path) -> None:
        """Take nothing yet."""
        self._site = site
        self._folder = folder

    async def take_all(self) -> list[Path]:
        """Take every picture and return their files.

        Raises:
            DemoError: there is no browser, or a page does not show what it should.
        """
        try:
            from playwright.async_api import Error  # noqa: PLC0415  an extra
        except ImportError:
            raise DemoError(
                "Pictures need playwright: install requirements/screenshots.txt into"
                " the demo's environment."
            ) from None
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            async with self._page(_DESKTOP) as page:
                taken = [
                    await self._dashboard(page, "dashboard"),
                    await self._integration(page),
                    await self._address(page),
                    await self._gate(page),
                    await self._watch(page),
                    await self._vehicle(page),
                    await self._explain(page),
                ]
            async with self._page(_PHONE) as page:
                taken.append(await self._dashboard(page, "dashboard-phone"))
        except Error as err:
            raise DemoError(f"A page does not show what it should: {err}") from None
        return taken

    @contextlib.asynccontextmanager
    async def _page(self, size: tuple[int, int]) -> AsyncIterator[Page]:
        """Open a browser that is logged in and speaks to this machine alone."""
        from playwright.async_api import async_playwright  # noqa: PLC0415

        browser_path = next(filter(None, map(shutil.which, _BROWSERS)), None)
        if browser_path is None:
            raise DemoError("Pictures need Chromium; none is installed.")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox"]
            )
            width, height = size
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=2 if width < 600 else 1,
                color_scheme="light",
                reduced_motion="reduce",
                base_url=self._site.client.url,
            )
            context.set_default_timeout(_LOADS)
            tokens = self._site.client.browser_login()
            await context.add_init_script(
                f"localStorage.hassTokens ||= {json.dumps(tokens)};"
                # More room for what the pictures are about.
                """localStorage.dockedSidebar ||= '"auto"';"""
            )
            yield await context.new_page()
            await browser.close()

    async def _dashboard(self, page: Page, name: str) -> Path:
        await page.goto(f"/{PATH}", wait_until="commit")
        await page.get_by_text("Today").first.wait_for()
        return await self._shoot(page, name)

    async def _integration(self, page: Page) -> Path:
        await page.goto(_INTEGRATION, wait_until="commit")
        await page.get_by_role("button", name="Add lane").wait_for()
        return await self._shoot(page, "integration")

    async def _address(self, page: Page) -> Path:
        await page.goto(_INTEGRATION, wait_until="commit")
        await page.get_by_role("button", name="Add lane").click()
        await page.get_by_text("A camera by its address").click()
        await page.get_by_role("textbox", name="Address").wait_for()
        return await self._shoot(page, "add-lane-camera")

    async def _gate(self, page: Page) -> Path:
        """Take the step with the live picture, by way of the camera's entity."""
        await page.goto(_INTEGRATION, wait_until="commit")
        await page.get_by_role("button", name="Add lane").click()
        await page.get_by_text("A camera that Home Assistant knows").click()
        await page.locator("ha-entity-picker").click()
        await page.locator("ha-picker-combo-box").get_by_text("camera").first.click()
        await page.get_by_role("button", name="Submit").click()
        await page.locator("ha-markdown img").wait_for()
        return await self._shoot(page, "add-lane-gate")

    async def _watch(self, page: Page) -> Path:
        """Take the step after it, with a region drawn into the picture."""
        await page.get_by_role("textbox", name="Name of the lane").fill("Exit")
        await page.locator("ha-entity-picker").click()
        await page.locator("ha-picker-combo-box").get_by_text("Gate").first.click()
        await page.get_by_role("button", name="Submit").click()
        region = page.get_by_role("textbox", name="Region")
        await region.fill("15,40 85,40 100,100 0,100")
        picture = page.locator("ha-markdown img")
        before = await picture.get_attribute("src")
        await page.get_by_role("button", name="Submit").click()
        while await picture.get_attribute("src") == before:
            await page.wait_for_timeout(100)
        return await self._shoot(page, "add-lane-watch")

    async def _vehicle(self, page: Page) -> Path:
        await page.goto(_INTEGRATION, wait_until="commit")
        await page.get_by_role("button", name="Configure").first.click()
        await page.get_by_text("Add a vehicle").click()
        await page.get_by_role("textbox", name="Label").fill("Grandmother")
        await page.get_by_role("textbox", name="Plate").fill("AB12 CDE")
        return await self._shoot(page, "add-vehicle")

    async def _explain(self, page: Page) -> Path:
        """Try a picture of the drawn car, whatever the camera shows meanwhile."""
        picture = io.BytesIO()
        Image.fromarray(scene.frame_at(scene.standing())).save(picture, "JPEG")
        await page.goto(_INTEGRATION, wait_until="commit")
        await page.locator("ha-config-sub-entry-row ha-icon-button").nth(1).click()
        await page.get_by_text("Try a picture").click()
        await page.locator("input[type=file]").set_input_files(
            {
                "name": "car.jpg",
                "mimeType": "image/jpeg",
                "buffer": picture.getvalue(),
            }
        )
        await page.get_by_text("car.jpg").wait_for()
        await page.get_by_role("button", name="Submit").click()
        await page.locator("ha-markdown table").first.wait_for()
        return await self._shoot(page, "try-a-picture")

    async def _shoot(self, page: Page, name: str) -> Path:
        path = self._folder / f"{name}.png"
        await page.wait_for_timeout(1500)  # pictures and fonts fade in
        await page.screenshot(path=path)
        return path
