package org.vpns.internal.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.FileGuess;
import org.vpns.io.FormatException;
import org.vpns.torch.TorchFile;

/** What lies where a model should, and which way leads to it. */
final class WrongFile {
  private static final int MOST_NAMES = 10;

  private WrongFile() {}

  /**
   * Fails unless there is a file.
   *
   * @throws NoSuchFileException if there is nothing
   * @throws FormatException if there is a folder
   */
  static void requireFile(Path file) throws IOException {
    if (Files.notExists(file)) {
      Path whole = file.toAbsolutePath().normalize();
      Path folder = whole.getParent();
      boolean exists = folder != null && Files.isDirectory(folder);
      throw new NoSuchFileException(
          null,
          null,
          Problem.message(
              "no such file",
              whole.toString(),
              "an ONNX model",
              exists ? "nothing" : "not even the folder",
              exists && folder != null ? "check the name; " + models(folder) : "check the path"));
    }
    if (Files.isDirectory(file)) {
      // the description that every result folder has
      boolean result = Files.exists(file.resolve("report.json"));
      throw new FormatException(
          "folder instead of a model",
          file.toString(),
          "an ONNX file",
          result ? "a result folder" : "a folder",
          result ? "load it with PrunedModel.load" : "name the file in it; " + models(file));
    }
  }

  /** Which models a folder has. */
  private static String models(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(path -> String.valueOf(path.getFileName()))
              .filter(name -> name.toLowerCase(Locale.ROOT).endsWith(".onnx"))
              .sorted()
              .limit(MOST_NAMES)
              .toList();
      return "the folder has " + (names.isEmpty() ? "no .onnx files" : String.join(", ", names));
    }
  }

  /**
   * Fails if a file begins as one of another kind.
   *
   * @throws FormatException with the way to read that kind
   */
  static void refuseOther(byte[] head, String source) throws FormatException {
    String kind = weights(head);
    if (kind != null) {
      throw new FormatException(
          "weights instead of a model",
          source,
          "an ONNX model",
          kind,
          "load it into a network of the same layout with WeightFile.load, or export the network"
              + " with torch.onnx.export");
    }
    Optional<FileGuess> other =
        FileGuess.ofKnown(head).filter(guess -> !guess.equals(FileGuess.ONNX));
    if (other.isPresent()) {
      throw new FormatException(
          "no ONNX model", source, "an ONNX model", other.get().what(), other.get().remedy());
    }
  }

  private static @Nullable String weights(byte[] head) {
    if (TorchFile.recognises(head)) {
      return "a file of PyTorch";
    }
    boolean safetensors =
        head.length > 8 && head[8] == '{' && head[5] == 0 && head[6] == 0 && head[7] == 0;
    return safetensors ? "a safetensors file" : null;
  }
}
