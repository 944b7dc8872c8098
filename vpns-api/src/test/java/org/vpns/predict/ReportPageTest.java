package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.report.PruneReport;
import org.vpns.spi.ReportPage;
import org.vpns.testing.TinyResNet;

/** Pages of saved results, found on a class path that each test makes. */
final class ReportPageTest {
  @TempDir Path folder;

  /** Writes the recipe's name. */
  abstract static class Page implements ReportPage {
    @Override
    public void write(PruneReport report, Path file) throws IOException {
      Files.writeString(file, report.recipe());
    }
  }

  /** The name that vpns-study's page has. */
  public static final class Html extends Page {
    @Override
    public String fileName() {
      return "report.html";
    }
  }

  /** The same name again. */
  public static final class Html2 extends Page {
    @Override
    public String fileName() {
      return "report.html";
    }
  }

  /** Another name. */
  public static final class Text extends Page {
    @Override
    public String fileName() {
      return "report.txt";
    }
  }

  /** A file that the result has. */
  public static final class Thief extends Page {
    @Override
    public String fileName() {
      return "model.json";
    }
  }

  /** A file elsewhere. */
  public static final class Stray extends Page {
    @Override
    public String fileName() {
      return "../report.txt";
    }
  }

  /** Fails half-way. */
  public static final class Broken implements ReportPage {
    @Override
    public String fileName() {
      return "broken.txt";
    }

    @Override
    public void write(PruneReport report, Path file) throws IOException {
      Files.writeString(file, "half");
      throw new IOException("no ink");
    }
  }

  /** Sees these pages and no others. */
  private static final class Finder extends ClassLoader {
    private final URL pages;

    Finder(ClassLoader parent, URL pages) {
      super(parent);
      this.pages = pages;
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.equals("META-INF/services/" + ReportPage.class.getName())
          ? Collections.enumeration(List.of(pages))
          : super.getResources(name);
    }
  }

  @SafeVarargs
  private Path save(Class<? extends ReportPage>... pages) throws IOException {
    Path services = folder.resolve("services");
    Files.writeString(
        services, Stream.of(pages).map(Class::getName).collect(Collectors.joining("\n")));
    Path result = folder.resolve("result");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = SmallResult.prune(model, 0.5, 3)) {
      thread.setContextClassLoader(new Finder(before, services.toUri().toURL()));
      pruned.save(result);
    } finally {
      thread.setContextClassLoader(before);
    }
    return result;
  }

  @Test
  void save_withTwoPages_writesBoth() throws IOException {
    Path result = save(Html.class, Text.class);

    assertThat(result.resolve("report.html")).hasContent("random");
    assertThat(result.resolve("report.txt")).hasContent("random");
    assertThat(result.resolve("model.json")).exists();
  }

  @Test
  void saveAgain_withoutThePage_leavesNoneOfTheFormerResult() throws IOException {
    save(Html.class);

    assertThat(save()).isDirectoryNotContaining("glob:**/report.html");
  }

  @Test
  void save_withTwoPagesOfOneName_isRefused() throws IOException {
    assertThatIllegalStateException()
        .isThrownBy(() -> save(Html.class, Html2.class))
        .withMessageStartingWith("page without a file of its own: " + Html2.class.getName())
        .withMessageContaining("found report.html");
    assertThat(folder.resolve("result")).doesNotExist();
  }

  @Test
  void save_withAPageInTheResultsPlace_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> save(Thief.class))
        .withMessageContaining("found model.json");
    assertThatIllegalStateException()
        .isThrownBy(() -> save(Stray.class))
        .withMessageContaining("found ../report.txt");
  }

  @Test
  void save_withAPageThatFails_leavesTheFormerResult() throws IOException {
    Path result = save(Text.class);
    byte[] masks = Files.readAllBytes(result.resolve("masks.vpns"));

    assertThatIOException().isThrownBy(() -> save(Broken.class)).withMessage("no ink");
    assertThat(result.resolve("masks.vpns")).hasBinaryContent(masks);
    assertThat(result.resolve("report.txt")).exists();
    assertThat(result).isDirectoryNotContaining("glob:**/{broken.txt,.result*}");
  }
}
