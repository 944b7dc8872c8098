package org.vpns.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a file is, judged by its first bytes, and who reads such files: the one place that knows.
 * Readers recognise their own files by it and say by it what lies there instead.
 *
 * @param what what it looks like, for the part of a message that says what was found
 * @param remedy how to get the file that was meant
 */
public record FileGuess(String what, String remedy) {
  /** How many first bytes are enough for a guess. */
  public static final int HEAD_BYTES = 512;

  /** Of a file that only a reader of another format refuses. */
  public static final FileGuess SAFETENSORS =
      new FileGuess("a safetensors file", "open it with WeightFile.open(file)");

  /** Of PyTorch, or any other archive. */
  public static final FileGuess TORCH_ARCHIVE =
      new FileGuess("a zip archive, as PyTorch writes them", "open it with WeightFile.open(file)");

  /** Of older versions of PyTorch, or any other pickle. */
  public static final FileGuess PICKLE =
      new FileGuess("a pickle, as PyTorch wrote them", "open it with WeightFile.open(file)");

  /** An archive that looks like a file of PyTorch and is none. */
  public static final FileGuess NUMPY_ARCHIVE =
      new FileGuess(
          "an archive of NumPy arrays (npz)",
          "save them in another format, safetensors.numpy.save_file(dict(numpy.load(file)), other),"
              + " and open that with WeightFile.open(other)");

  /** Of a network in a file of its own. */
  public static final FileGuess ONNX =
      new FileGuess("an ONNX file", "read network and weights with Onnx.read(file)");

  /** Of a set of files with weights, which it names. */
  public static final FileGuess INDEX =
      new FileGuess("an index of weight files", "open it with WeightFile.open(file)");

  /** Of masks. */
  public static final FileGuess MASKS =
      new FileGuess("a mask file of vpns", "read it with MaskFile.read(file)");

  /** As {@link #of(byte[])}, of a file's first bytes. */
  public static FileGuess of(Path file) throws IOException {
    return of(head(file));
  }

  /** As many of a file's first bytes as a guess needs. */
  public static byte[] head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(HEAD_BYTES);
    }
  }

  /** A guess, or none if the bytes look like no text. */
  public static Optional<FileGuess> ofText(byte[] head) {
    if (head.length == 0) {
      return Optional.of(new FileGuess("an empty file", "fetch the file again"));
    }
    for (byte b : head) {
      // no binary format begins with so many bytes without a single control character
      if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
        return Optional.empty();
      }
    }
    String text = new String(head, StandardCharsets.UTF_8).strip();
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.startsWith("version https://git-lfs.github.com/spec/")) {
      return Optional.of(
          new FileGuess("a Git LFS pointer", "fetch the content it points to: git lfs pull"));
    }
    if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
      return Optional.of(
          new FileGuess(
              "a web page (HTML)", "the download failed: follow the link and save again"));
    }
    if (text.startsWith("{") && text.contains("\"weight_map\"")) {
      return Optional.of(INDEX);
    }
    String begin = text.lines().findFirst().orElse("");
    return Optional.of(
        new FileGuess(
            "text beginning '" + begin.substring(0, Math.min(40, begin.length())) + "'",
            "pass the file that is meant"));
  }

  /** A guess, or none if the bytes look like neither text nor a known format. */
  public static Optional<FileGuess> ofKnown(byte[] head) {
    return ofText(head)
        .or(() -> Signature.ALL.stream().filter(s -> s.fits(head)).findFirst().map(s -> s.guess));
  }

  /** Whether a file that begins so is of this kind. */
  public boolean fits(byte[] head) {
    return ofKnown(head).filter(this::equals).isPresent();
  }

  /** Whether files of this kind hold a network's weights but not the network. */
  public boolean isWeights() {
    return List.of(SAFETENSORS, TORCH_ARCHIVE, PICKLE, INDEX).contains(this);
  }

  /** A guess in any case: of a text, of a known format, or the first bytes in hexadecimal. */
  public static FileGuess of(byte[] head) {
    return ofKnown(head)
        .orElseGet(
            () ->
                new FileGuess(
                    "first bytes "
                        + HexFormat.ofDelimiter(" ").formatHex(head, 0, Math.min(8, head.length)),
                    "pass a file of a known format"));
  }

  /** Bytes at one place of a file that tell its format. */
  private record Signature(int at, String regex, FileGuess guess) {
    static final List<Signature> ALL =
        List.of(
            new Signature(5, "\\x00\\x00\\x00\\{", SAFETENSORS),
            // a version below 32, then any other field of the model
            new Signature(0, "\\x08[\\x01-\\x1f][\\x12\\x1a\\x22\\x28\\x32\\x3a\\x42\\x72]", ONNX),
            new Signature(0, "(?s)PK\\x03\\x04.{26}[^/]{1,200}?\\.npy", NUMPY_ARCHIVE),
            // the first record of a file, or the end of an archive without any
            new Signature(0, "PK[\\x00-\\x08]{2}", TORCH_ARCHIVE),
            new Signature(0, "\\x80[\\x02-\\x05]", PICKLE),
            new Signature(
                257,
                "ustar",
                new FileGuess(
                    "a tar archive, as the first versions of PyTorch wrote them",
                    "save it again with PyTorch, if you trust who made it, as that runs its code:"
                        + " torch.save(torch.load(file, weights_only=False), other);"
                        + " if something else is packed in it, unpack it")),
            new Signature(
                0, "\\x1f\\x8b", new FileGuess("a gzip file", "unpack it: gunzip file.gz")),
            new Signature(
                0,
                "\\x89HDF\\r\\n",
                new FileGuess(
                    "an HDF5 file, as Keras writes them",
                    "export the network as ONNX and read it with Onnx.read(file)")),
            new Signature(
                0,
                "\\x93NUMPY",
                new FileGuess(
                    "an array of NumPy",
                    "save it with a name, safetensors.numpy.save_file({'name': array}, other), and"
                        + " open that with WeightFile.open(other)")),
            new Signature(0, "\\x89VPNM", MASKS));

    boolean fits(byte[] head) {
      String text = new String(head, StandardCharsets.ISO_8859_1);
      return Pattern.compile(regex)
          .matcher(text)
          .region(Math.min(at, text.length()), text.length())
          .lookingAt();
    }
  }
}
