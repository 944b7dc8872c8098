package org.vpns.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.google.common.collect.ImmutableList;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.internal.io.InputFile;
import org.vpns.internal.text.ClassNames;
import org.vpns.io.FormatException;
import org.vpns.predict.PrunedModel;

/**
 * What a file says of the images it takes and the classes it knows: properties {@code
 * vpns.channels}, {@code vpns.height}, {@code vpns.width}, {@code vpns.classes} (a JSON list of
 * names) and {@code vpns.result}.
 *
 * @param channels channels of images: 1 (grey) or 3 (red, green, blue)
 * @param height height of images in pixels
 * @param width width of images in pixels
 * @param classes names of the classes
 * @param probabilities whether the result is probabilities rather than logits
 */
record OnnxProperties(
    int channels, int height, int width, List<String> classes, boolean probabilities) {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();
  private static final String LOGITS = "logits";
  private static final String PROBABILITIES = "probabilities";

  OnnxProperties {
    classes = ImmutableList.copyOf(classes);
  }

  static OnnxProperties of(PrunedModel pruned, boolean probabilities) {
    ImageInput input = pruned.input();
    return new OnnxProperties(
        input.channels(),
        input.imageHeight(),
        input.imageWidth(),
        pruned.classNames(),
        probabilities);
  }

  Map<String, String> asMap() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("vpns.channels", Integer.toString(channels));
    map.put("vpns.height", Integer.toString(height));
    map.put("vpns.width", Integer.toString(width));
    map.put("vpns.classes", GSON.toJson(classes));
    map.put("vpns.result", probabilities ? PROBABILITIES : LOGITS);
    return map;
  }

  /**
   * Reads them without reading the network.
   *
   * @throws IOException if the file cannot be read, is no such file, or has no such properties
   */
  static OnnxProperties read(Path file) throws IOException {
    Map<String, String> map = new HashMap<>();
    try (InputStream stream = Files.newInputStream(InputFile.require(file, "an ONNX model"))) {
      CodedInputStream in = CodedInputStream.newInstance(stream);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) == ModelProto.METADATA_PROPS_FIELD_NUMBER
            && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
          StringStringEntryProto entry =
              in.readMessage(
                  StringStringEntryProto.parser(), ExtensionRegistryLite.getEmptyRegistry());
          map.put(entry.getKey(), entry.getValue());
        } else if (!in.skipField(tag)) {
          throw new InvalidProtocolBufferException("a group ends that never began");
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(
              "ONNX file cannot be read",
              file.toString(),
              "a whole model file",
              e.getMessage(),
              "write it with Onnx.write(pruned, file) again")
          .causedBy(e);
    }
    return parse(map, file);
  }

  private static OnnxProperties parse(Map<String, String> map, Path file) throws IOException {
    String result = map.getOrDefault("vpns.result", "none");
    if (!result.equals(LOGITS) && !result.equals(PROBABILITIES)) {
      throw bad(file, "vpns.result of " + LOGITS + " or " + PROBABILITIES, result);
    }
    int channels = number(map, "vpns.channels", file);
    if (channels != 1 && channels != 3) {
      throw bad(file, "vpns.channels of 1 (grey) or 3 (red, green, blue)", channels);
    }
    return new OnnxProperties(
        channels,
        number(map, "vpns.height", file),
        number(map, "vpns.width", file),
        names(map.get("vpns.classes"), file),
        result.equals(PROBABILITIES));
  }

  private static int number(Map<String, String> map, String key, Path file) throws IOException {
    String text = map.getOrDefault(key, "none");
    if (!text.matches("[1-9][0-9]{0,5}")) {
      throw bad(file, key + " of at least 1", text);
    }
    return Integer.parseInt(text);
  }

  private static List<String> names(@Nullable String json, Path file) throws IOException {
    try {
      String[] names = GSON.fromJson(json, String[].class);
      if (names != null && names.length > 0) {
        List<String> copy = ImmutableList.copyOf(names);
        ClassNames.Fault fault = ClassNames.fault(copy);
        if (fault != null) {
          throw bad(file, "vpns.classes with " + ClassNames.Fault.EXPECTED, fault.found());
        }
        return copy;
      }
    } catch (JsonParseException | NullPointerException e) {
      throw bad(file, "vpns.classes, a JSON list of names", json).causedBy(e);
    }
    throw bad(file, "vpns.classes, a JSON list of names", json);
  }

  private static FormatException bad(Path file, String expected, @Nullable Object found) {
    return new FormatException(
        "ONNX file without description of its images",
        file.toString(),
        "the property " + expected,
        found,
        "write it with Onnx.write(pruned, file)");
  }
}
