package org.vpns.internal.predict;

import com.google.common.base.Utf8;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.JsonBound;
import org.vpns.internal.io.JsonRecords;
import org.vpns.internal.io.TextFile;
import org.vpns.internal.text.ClassNames;
import org.vpns.io.FormatException;

/** The file {@code model.json} of a result folder. */
public record ResultDescription(
    String format,
    InputRecord input,
    int sources,
    int[][] mapping,
    LabelAssignment.Reduction reduction,
    List<String> classNames,
    Boolean prompt,
    @Nullable NetworkNote network) {
  /** Name of the file. */
  public static final String NAME = "model.json";

  /** The format that is written. */
  static final String FORMAT = "vpns result 2";

  /** With all weights dense and no network description. */
  private static final String FORMAT_1 = "vpns result 1";

  /** Class names are the longest part: room for 100,000 long ones. */
  private static final int MAX_BYTES = 1 << 24;

  /** Made for who reads or writes text; loading Gson takes a cold process a tenth of a second. */
  private static final class Json {
    static final Gson GSON =
        new GsonBuilder().setStrictness(Strictness.STRICT).setPrettyPrinting().create();

    private Json() {}
  }

  /** What is written of a result. */
  public static ResultDescription of(
      ImageInput input,
      LabelAssignment mapping,
      List<String> classNames,
      boolean prompt,
      @Nullable NetworkNote network) {
    return new ResultDescription(
        FORMAT,
        InputRecord.of(input),
        mapping.sources(),
        mapping.toArray(),
        mapping.reduction(),
        classNames,
        prompt,
        network);
  }

  /** Whether all weights are there, removed ones too. */
  public boolean isDense() {
    return format.equals(FORMAT_1);
  }

  /** How images are placed and normalised. */
  public ImageInput toInput() {
    return input.toInput();
  }

  /** Which outputs stand for which class. */
  public LabelAssignment toMapping() {
    return LabelAssignment.of(sources, mapping, reduction);
  }

  /** Writes the file. */
  public void write(Path folder) throws IOException {
    String text = Json.GSON.toJson(this) + "\n";
    long bytes = Utf8.encodedLength(text);
    if (bytes > MAX_BYTES) {
      throw new IOException(
          Problem.message(
              "result cannot be described",
              NAME,
              "at most " + MAX_BYTES + " bytes",
              bytes + " for " + classNames.size() + " classes",
              "shorten the class names"));
    }
    AtomicFiles.writeText(folder.resolve(NAME), text);
  }

  /** Of a folder. */
  public static ResultDescription read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    String problem;
    try {
      ResultDescription found =
          Json.GSON.fromJson(tree(TextFile.read(file, MAX_BYTES)), ResultDescription.class);
      problem = found == null ? "nothing" : found.problem();
      if (found != null && problem == null) {
        return found;
      }
    } catch (JsonParseException | NumberFormatException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      problem =
          "no JSON of it ("
              + String.valueOf(reason.getMessage()).lines().findFirst().orElse("")
              + ")";
    }
    throw new FormatException(
        "result folder damaged",
        file.toString(),
        FORMAT + " or " + FORMAT_1 + " with input, mapping and class names",
        problem,
        "save the result again");
  }

  /**
   * The text as a tree without null, which is never written: in a list of numbers Gson would fail
   * on it, elsewhere hand it on.
   */
  private static JsonElement tree(String text) {
    JsonBound.require(text);
    JsonElement tree = Json.GSON.fromJson(text, JsonElement.class);
    if (tree == null) {
      throw new JsonParseException("nothing");
    }
    JsonRecords.requireNoNull(
        tree,
        "",
        (expected, found) -> new JsonParseException(found + " is no " + expected.substring(2)));
    return tree;
  }

  /** What is wrong with it, wherever it was read; null if nothing is. */
  public @Nullable String problem() {
    if (!FORMAT.equals(format) && !FORMAT_1.equals(format)) {
      return "format " + format;
    }
    Map<String, @Nullable Object> parts = new LinkedHashMap<>();
    parts.put("input", input);
    parts.put("input.mean", input == null ? null : input.mean());
    parts.put("input.std", input == null ? null : input.std());
    parts.put("mapping", mapping);
    parts.put("reduction", reduction);
    parts.put("classNames", classNames);
    parts.put("prompt", prompt);
    for (Map.Entry<String, @Nullable Object> part : parts.entrySet()) {
      if (part.getValue() == null) {
        return "no " + part.getKey() + " that is known";
      }
    }
    if (classNames.size() != mapping.length) {
      return classNames.size() + " class names for " + mapping.length + " classes";
    }
    ClassNames.Fault fault = ClassNames.fault(classNames);
    if (fault != null) {
      return fault.what() + ", " + fault.found();
    }
    try {
      toInput();
      toMapping();
      return null;
    } catch (IllegalArgumentException e) {
      return "(" + e.getMessage() + ")";
    }
  }
}
