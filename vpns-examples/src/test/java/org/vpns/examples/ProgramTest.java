package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a main says when something fails. */
class ProgramTest {
  /** Fails as it was told to. */
  @Command(name = "Failing")
  static final class Failing extends Program {
    private final Exception failure;

    @Option(names = "--wrong")
    private boolean wrong;

    Failing(Exception failure) {
      this.failure = failure;
    }

    @Override
    public Integer call() throws Exception {
      if (wrong) {
        return using(
            () -> {
              throw (IOException) failure;
            });
      }
      throw failure;
    }
  }

  private static String said(int code, Exception failure, String... arguments) {
    StringWriter errors = new StringWriter();
    CommandLine line = new Failing(failure).toCommandLine().setErr(new PrintWriter(errors));
    assertThat(line.execute(arguments)).isEqualTo(code);
    return errors.toString();
  }

  /** Lines that a description brings are broken once more where the terminal ends. */
  @Test
  void descriptions_areBrokenByTheTerminalAlone() throws IOException {
    try (Stream<Path> files = Files.walk(Snippets.ROOT.resolve("vpns-examples/src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        assertThat(Files.readString(file)).as("%s", file).doesNotContain("description = {");
      }
    }
  }

  /** The system's own message is the name alone. */
  @Test
  void failuresOfTheFileSystem_areInWords() {
    String missing =
        "file or folder cannot be used: pictures/train; expected one that is there, and may be read"
            + " or written, found NoSuchFileException; check the path and its rights.";
    NoSuchFileException failure = new NoSuchFileException("pictures/train");
    assertThat(said(1, failure)).isEqualTo(missing + System.lineSeparator());
    assertThat(said(1, new UncheckedIOException(failure)))
        .isEqualTo(missing + System.lineSeparator());
    NoSuchFileException told =
        new NoSuchFileException("no such file: a; expected b, found c; check the path.");
    assertThat(said(1, told)).isEqualTo(told.getMessage() + System.lineSeparator());
    assertThat(said(2, failure, "--wrong")).startsWith(missing);
    assertThat(said(1, new AccessDeniedException("out"))).contains("found AccessDeniedException;");
  }

  @Test
  void messages_keepTheirLines_andNothingActsOnTheTerminal() {
    assertThat(said(1, new IOException("first\u001b[31m\nsecond")))
        .isEqualTo("first\\u001b[31m%nsecond%n".formatted());
    assertThat(said(2, new IOException("red\u001b[31m"), "--wrong")).startsWith("red\\u001b[31m");
  }

  @Test
  void wrongOptions_areToldWithTheNearest_andWithoutAPageOfOptions() {
    Exception none = new IllegalStateException("not reached");
    String end = "Try Failing --help.%n";
    assertThat(said(2, none, "--wrnog"))
        .isEqualTo(("Unknown option: '--wrnog'%n--wrnog: is --wrong meant?%n" + end).formatted());
    assertThat(said(2, none, "--wrongs=3\u001b[31m"))
        .isEqualTo(
            ("Unknown option: '--wrongs=3\\u001b[31m'%n--wrongs: is --wrong meant?%n" + end)
                .formatted());
    assertThat(said(2, none, "--heap")).contains("--heap: is --help meant?");
    assertThat(said(2, none, "--nothingLikeIt"))
        .isEqualTo(("Unknown option: '--nothingLikeIt'%n" + end).formatted());
    assertThat(said(2, none, "stray"))
        .isEqualTo(("Unmatched argument at index 0: 'stray'%n" + end).formatted());
    assertThat(said(2, new IOException("no such thing."), "--wrong"))
        .isEqualTo(("no such thing.%n" + end).formatted());
  }

  /** Mistakes of who types them, told by a line as those of other mains are. */
  @Test
  void mainsThatPredict_withWrongPaths_sayWhatIsWrong(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "no picture");
    String missing = folder.resolve("missing").toString();
    assertThat(line(new PredictDigit(), 1, "seven", missing))
        .startsWith("result folder incomplete: ")
        .contains(missing);
    assertThat(line(new ServeSparse(), 1, missing, text.toString()))
        .startsWith("result folder incomplete: ")
        .contains(missing);
    assertThat(line(new ServeSparse(), 1, text.toString(), text.toString()))
        .startsWith("file in place of a result folder: ");
    assertThat(line(new ServeSparse(), 2)).contains("FOLDER", "PICTURE");
    assertThat(line(new ServeSparse(), 2, missing, missing))
        .startsWith("no such file: " + missing + "; expected a picture, found in " + folder);
  }

  private static String line(Program program, int code, String... arguments) {
    StringWriter errors = new StringWriter();
    CommandLine line = program.toCommandLine().setErr(new PrintWriter(errors));
    assertThat(line.execute(arguments)).as(errors.toString()).isEqualTo(code);
    assertThat(errors.toString()).doesNotContain("\tat ");
    return errors.toString();
  }
}
