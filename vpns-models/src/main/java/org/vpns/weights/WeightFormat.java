package org.vpns.weights;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.vpns.internal.io.FileGuess;
import org.vpns.internal.io.InputFile;
import org.vpns.io.FormatException;
import org.vpns.io.NamedTensors;
import org.vpns.io.SafeTensors;
import org.vpns.torch.TorchFile;

/**
 * A format of weight files, told by a file's content, not by its name.
 *
 * @param name what to call it in messages
 * @param recognises whether a file that begins with these bytes is of this format; up to {@link
 *     FileGuess#HEAD_BYTES} of them
 * @param opener reads it
 */
record WeightFormat(String name, Predicate<byte[]> recognises, NamedTensors.Opener opener) {
  /** Those that hold tensors themselves. */
  private static final List<WeightFormat> SINGLE =
      List.of(
          new WeightFormat("safetensors", FileGuess.SAFETENSORS::fits, SafeTensors::read),
          new WeightFormat("PyTorch", TorchFile::recognises, TorchFile::read));

  private static final WeightFormat INDEX =
      new WeightFormat(
          "index of such files",
          WeightFormat::isIndex,
          index -> NamedTensors.ofShards(index, file -> open(file, SINGLE)));

  /** All formats; at most one recognises a file. */
  static final List<WeightFormat> ALL =
      ImmutableList.<WeightFormat>builder().addAll(SINGLE).add(INDEX).build();

  /** Opens a file of any format. */
  static NamedTensors open(Path file) throws IOException {
    return open(file, ALL);
  }

  private static NamedTensors open(Path file, List<WeightFormat> formats) throws IOException {
    byte[] head = FileGuess.head(InputFile.require(file, "a file of weights"));
    for (WeightFormat format : formats) {
      if (format.recognises().test(head)) {
        return format.opener().open(file);
      }
    }
    FileGuess guess = FileGuess.of(head);
    throw new FormatException(
        "no weight file",
        file.toString(),
        "one of " + formats.stream().map(WeightFormat::name).toList(),
        guess.what(),
        guess.remedy());
  }

  /** Text of JSON: an object. */
  private static boolean isIndex(byte[] head) {
    String text = new String(head, StandardCharsets.UTF_8).strip();
    return text.startsWith("{\"") || text.startsWith("{\n") || text.startsWith("{ ");
  }
}
