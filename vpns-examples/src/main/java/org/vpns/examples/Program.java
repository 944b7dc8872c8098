package org.vpns.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import javax.imageio.IIOException;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What all mains have in common: help, what is said where, and failures in one line. */
@Command(
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:it failed", "2:wrong options"})
public abstract class Program implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      order = 1_000,
      usageHelp = true,
      description = "Shows this text.")
  private boolean help;

  /** For subclasses. */
  protected Program() {}

  /** What a program does with an option's value, which may turn out to be wrong. */
  @FunctionalInterface
  protected interface Use<T> {
    /** Uses it. */
    T use() throws IOException;
  }

  /** Runs the program and ends the process. */
  protected final void execute(String[] args) {
    EngineSettings.apply();
    System.exit(toCommandLine().execute(args));
  }

  /** The program with its options, for {@code execute}. */
  public final CommandLine toCommandLine() {
    return new CommandLine(this)
        .registerConverter(Sparsity.class, Program::sparsity)
        .setParameterExceptionHandler((e, arguments) -> refused(e))
        .setExecutionExceptionHandler(
            (e, line, parsed) -> {
              if (!isTold(e)) {
                throw e;
              }
              line.getErr().println(told(e));
              return line.getCommandSpec().exitCodeOnExecutionException();
            });
  }

  /** What is wrong, the names that may be meant, and where the options stand: no page of them. */
  private static int refused(ParameterException e) {
    CommandLine line = e.getCommandLine();
    PrintWriter errors = line.getErr();
    errors.println(visible(String.valueOf(e.getMessage())));
    if (e instanceof UnmatchedArgumentException unmatched) {
      for (String argument : unmatched.getUnmatched()) {
        String name = argument.replaceFirst("=.*", "");
        String nearest = Problem.nearest(name, line.getCommandSpec().optionsMap().keySet());
        if (nearest != null) {
          errors.println(Problem.visible(name + ": is " + nearest + " meant?"));
        }
      }
    }
    errors.println("Try " + line.getCommandName() + " --help.");
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** What a main prunes, it trains. */
  private static Sparsity sparsity(String numeral) {
    try {
      Sparsity sparsity = Sparsity.of(numeral);
      if (sparsity.density().signum() == 0) {
        throw Problem.argument(
            "nothing left to train",
            "Sparsity.of",
            "below 1",
            numeral,
            "keep some weights, such as a tenth with 0.9");
      }
      return sparsity;
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  /** Whether the message says it all; other failures are mistakes of the program. */
  private static boolean isTold(Exception e) {
    return e.getMessage() != null
        && (e instanceof IllegalStateException
            || e instanceof IllegalArgumentException
            || e instanceof IOException
            || e instanceof UncheckedIOException);
  }

  /** The message, safe on a terminal; that of the file system may be a name and nothing else. */
  private static String told(Exception e) {
    Throwable failure =
        e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
    if (failure instanceof FileSystemException files && isNameAlone(files)) {
      return Problem.message(
          "file or folder cannot be used",
          String.valueOf(files.getFile()),
          "one that is there, and may be read or written",
          files.getClass().getSimpleName(),
          "check the path and its rights");
    }
    if (failure instanceof IIOException) { // it names no file
      return Problem.message(
          "picture cannot be read",
          "the picture that was named",
          "a file with a picture",
          String.valueOf(failure.getMessage()).replaceFirst("[.!]$", ""),
          "check its path and its rights");
    }
    return visible(String.valueOf(e.getMessage()));
  }

  /** Readers of ours put all they say in the place of the name. */
  private static boolean isNameAlone(FileSystemException failure) {
    return failure.getReason() == null
        && !String.valueOf(failure.getFile()).contains("; expected ");
  }

  private static String visible(String message) {
    return message
        .lines()
        .map(Problem::visible)
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Ends the program as one whose options are wrong. */
  protected final ParameterException wrong(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  /** Does what only wrong options can make fail. */
  protected final <T> T using(Use<T> use) {
    try {
      return use.use();
    } catch (IllegalArgumentException | IOException e) {
      throw wrong(told(e));
    }
  }

  /** Whether an option was given on the command line. */
  protected final boolean isGiven(String option) {
    return Objects.requireNonNull(spec).commandLine().getParseResult().hasMatchedOption(option);
  }

  /** The command line, as it was given. */
  protected final List<String> arguments() {
    return Objects.requireNonNull(spec).commandLine().getParseResult().originalArgs();
  }

  /** Says a line, or several. */
  protected final void say(String text) {
    PrintWriter console = Objects.requireNonNull(spec).commandLine().getOut();
    console.println(text);
    console.flush();
  }
}
