package org.vpns.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the system throws, and what is said of it. */
final class WriteFailureTest {
  private static Stream<Arguments> failures() {
    String elsewhere = "choose another folder";
    return Stream.of(
        Arguments.of(
            new IOException("No space left on device"),
            "No space left on device",
            "make room or " + elsewhere),
        Arguments.of(
            new FileSystemException("/workspace/a", null, "Disk quota exceeded"),
            "/workspace/a: Disk quota exceeded",
            "make room or " + elsewhere),
        Arguments.of(
            new FileSystemException("/workspace/a", null, "Read-only file system"),
            "/workspace/a: Read-only file system",
            "mend that or " + elsewhere),
        Arguments.of(
            new IOException("Input/output error"),
            "Input/output error",
            "mend that or " + elsewhere),
        Arguments.of(
            new AccessDeniedException("/root/a"),
            "no right to write /root/a",
            "give this program that right or " + elsewhere),
        Arguments.of(
            new FileAlreadyExistsException("notes.txt"),
            "a file notes.txt",
            "move it or " + elsewhere),
        Arguments.of(
            new NoSuchFileException("/gone"),
            "java.nio.file.NoSuchFileException: /gone",
            "mend that or " + elsewhere),
        Arguments.of(
            new ClosedByInterruptException(),
            "an interrupt of the thread that writes",
            "write it again after Thread.interrupted(), which clears it"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void of_whatTheSystemThrows_saysWhatWasInTheWay(IOException e, String found, String remedy) {
    assertThat(WriteFailure.of(e)).isEqualTo(new WriteFailure(found, remedy));
    IOException told =
        WriteFailure.told("it cannot be written", Path.of("x"), "room", e, "all is as it was");
    assertThat(told)
        .hasMessage(
            "it cannot be written: x; expected room, found "
                + found
                + "; "
                + remedy
                + "; all is as it was.")
        .hasCause(e);
    assertThat(WriteFailure.of(told)).isEqualTo(new WriteFailure(found, remedy));
  }
}
