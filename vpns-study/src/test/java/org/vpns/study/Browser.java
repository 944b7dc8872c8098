package org.vpns.study;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/** A headless Chromium that shows a page from disk. */
public final class Browser implements AutoCloseable {
  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Where there is none the test is skipped, in words. */
  public static Browser start(Path profile) {
    Optional<File> chromium = onPath("chromium");
    Optional<File> chromedriver = onPath("chromedriver");
    assumeTrue(
        chromium.isPresent() && chromedriver.isPresent(),
        "skipped: chromium and chromedriver are not both on the PATH; Debian has them as"
            + " 'chromium' and 'chromium-driver'");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.get());
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + profile);
    options.setCapability("goog:loggingPrefs", Map.of(LogType.BROWSER, "ALL"));
    return new Browser(
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver.get())
                .usingAnyFreePort()
                .build(),
            options));
  }

  private static Optional<File> onPath(String program) {
    return Arrays.stream(
            Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .map(Path::toFile)
        .findFirst();
  }

  /**
   * Loads a page anew.
   *
   * @param width of the screen in pixels
   * @param scheme {@code light} or {@code dark}
   */
  public void open(Path page, int width, String scheme) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    scheme(scheme);
    Object before = value("performance.timeOrigin");
    driver.get(page.toUri().toString());
    // On a busy machine the driver may come back while the page before this one is still shown.
    long last = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!Boolean.TRUE.equals(
        driver.executeScript(
            "return performance.timeOrigin !== arguments[0] && location.href === arguments[1]"
                + " && document.readyState === 'complete'",
            before,
            page.toUri().toString()))) {
      if (System.nanoTime() > last) {
        throw new AssertionError("not shown within a minute: " + page);
      }
      Thread.onSpinWait();
    }
  }

  /** What the reader's system prefers. */
  public void scheme(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** Clicks on an element, which is brought into sight. */
  public void click(String selector) {
    WebElement element = driver.findElement(By.cssSelector(selector));
    driver.executeScript(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element);
    element.click();
  }

  /** Writes into a field in place of what stands there. */
  public void type(String selector, String text) {
    WebElement field = driver.findElement(By.cssSelector(selector));
    field.clear();
    field.sendKeys(text);
  }

  /** Texts of the elements that can be seen, in the order of the page. */
  @SuppressWarnings("unchecked")
  public List<String> texts(String selector) {
    return (List<String>)
        Objects.requireNonNull(
            driver.executeScript(
                "return Array.from(document.querySelectorAll(arguments[0]))"
                    + ".filter(e => e.checkVisibility()).map(e => e.textContent)",
                selector));
  }

  /** The value of a script. */
  public Object value(String script, Object... arguments) {
    return Objects.requireNonNull(driver.executeScript("return " + script, arguments));
  }

  /** How much wider than the screen the page is, in pixels. */
  public Object beside() {
    return value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  }

  /** Elements whose content does not fit into them, as the beginnings of their texts. */
  @SuppressWarnings("unchecked")
  public List<String> overfull(String selector) {
    return (List<String>)
        value(
            "Array.from(document.querySelectorAll(arguments[0])).filter(e => e.checkVisibility()"
                + " && e.scrollWidth > e.clientWidth).map(e => e.tagName + ' ' +"
                + " e.textContent.trim().slice(0, 60))",
            selector);
  }

  /** How many pixels of a canvas have a colour of their own, and a digest of them all. */
  public Drawing drawing(String id) {
    List<?> values =
        (List<?>)
            value(
                "(id => { const c = document.getElementById(id), copy ="
                    + " document.createElement('canvas'); copy.width = c.width; copy.height ="
                    + " c.height; const paper = copy.getContext('2d', {willReadFrequently: true});"
                    + " paper.drawImage(c, 0, 0); const d = paper.getImageData(0, 0, c.width,"
                    + " c.height).data; let seen = 0, sum = 0; const colours = new Set(); for (let"
                    + " i = 0; i < d.length; i += 4) if (d[i + 3]) { seen++; const p = d[i] << 16 |"
                    + " d[i + 1] << 8 | d[i + 2]; if (colours.size < 1000) colours.add(p); sum ="
                    + " (sum * 31 + p + i) % 1e9; } return [seen, colours.size, sum];"
                    + " })(arguments[0])",
                id);
    return new Drawing(
        ((Number) values.get(0)).longValue(),
        ((Number) values.get(1)).longValue(),
        ((Number) values.get(2)).longValue());
  }

  /**
   * What stands on a canvas.
   *
   * @param pixels that are not transparent
   * @param colours of these
   * @param digest of all
   */
  public record Drawing(long pixels, long colours, long digest) {}

  /** Errors and warnings of the console since the last call. */
  public List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::toString)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
