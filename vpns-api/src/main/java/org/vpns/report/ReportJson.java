package org.vpns.report;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.Writer;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.internal.io.JsonBound;
import org.vpns.internal.io.JsonNumbers;
import org.vpns.internal.io.JsonRecords;
import org.vpns.internal.text.Texts;

/**
 * Reports as JSON. Fields stand in the order of the record components after {@code format}; lists
 * of plain numbers take one line; NaN and the infinities, which JSON lacks, are the strings {@code
 * "NaN"}, {@code "Infinity"} and {@code "-Infinity"}. Unknown fields are passed over when read.
 */
final class ReportJson {
  private static final String FORMAT = "vpns-report/1";
  private static final Type DOUBLES =
      TypeToken.getParameterized(List.class, Double.class).getType();

  private static final Gson GSON =
      new GsonBuilder()
          .serializeNulls()
          .disableHtmlEscaping()
          .setStrictness(Strictness.STRICT)
          .registerTypeAdapter(double.class, JsonNumbers.DOUBLES)
          .registerTypeAdapter(Double.class, JsonNumbers.DOUBLES.nullSafe())
          .registerTypeAdapter(float.class, JsonNumbers.FLOATS)
          .registerTypeAdapter(Float.class, JsonNumbers.FLOATS.nullSafe())
          .registerTypeAdapterFactory(new OneLine())
          .create();

  private ReportJson() {}

  static String write(PruneReport report) {
    StringWriter text = new StringWriter();
    try {
      write(report, text);
    } catch (IOException e) {
      throw new AssertionError("a StringWriter does not fail", e);
    }
    return text.toString();
  }

  static void write(PruneReport report, Writer out) throws IOException {
    JsonWriter json = GSON.newJsonWriter(out);
    json.setFormattingStyle(FormattingStyle.PRETTY);
    json.beginObject();
    json.name("format").value(FORMAT);
    for (RecordComponent component : PruneReport.class.getRecordComponents()) {
      Object value;
      boolean omittedIfNull;
      try {
        value = component.getAccessor().invoke(report);
        omittedIfNull =
            PruneReport.class
                .getDeclaredField(component.getName())
                .isAnnotationPresent(JsonAdapter.class);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError("accessors of a public record can be called", e);
      }
      if (value == null && omittedIfNull) {
        continue;
      }
      json.name(component.getName());
      GSON.toJson(value, component.getGenericType(), json);
    }
    json.endObject();
    out.write('\n');
    json.flush();
  }

  /**
   * Reads a report.
   *
   * @param where the text comes from, for the message
   * @param remedy of a text that is no report
   * @throws IllegalArgumentException if it is none
   */
  static PruneReport read(String text, String where, String remedy) {
    JsonRecords.Failure failure =
        (expected, found) ->
            Problem.argument("report cannot be read", where, expected, found, remedy);
    try {
      JsonBound.require(text);
      JsonReader reader = GSON.newJsonReader(new StringReader(text));
      JsonElement tree = GSON.getAdapter(JsonElement.class).read(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw failure.of("the end of the text", "more text");
      }
      if (!tree.isJsonObject()) {
        throw failure.of("a JSON object", tree.getClass().getSimpleName());
      }
      JsonElement format = tree.getAsJsonObject().get("format");
      if (format == null || !format.equals(GSON.toJsonTree(FORMAT))) {
        throw failure.of("\"format\": \"" + FORMAT + "\"", String.valueOf(format));
      }
      JsonRecords.check(tree, PruneReport.class, "report", failure);
      PruneReport report = GSON.fromJson(tree, PruneReport.class);
      requireNumeral(report.sparsity(), failure);
      return report;
    } catch (IOException | JsonParseException | NumberFormatException e) {
      RuntimeException problem =
          failure.of("the JSON of a report", Texts.oneLine(String.valueOf(e.getMessage())));
      problem.initCause(e);
      throw problem;
    }
  }

  private static void requireNumeral(String sparsity, JsonRecords.Failure failure) {
    try {
      Sparsity.of(sparsity);
    } catch (IllegalArgumentException e) {
      throw failure.of(
          "a sparsity from 0 to 1 as a decimal numeral such as 0.95", "'" + sparsity + "'");
    }
  }

  /** Arrays of numbers on one line: a prompt has as many values as pixels. */
  private static final class OneLine implements TypeAdapterFactory {
    @Override
    public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      if (type.getRawType() != float[].class
          && type.getRawType() != int[].class
          && !type.getType().equals(DOUBLES)) {
        return null;
      }
      TypeAdapter<T> elements = gson.getDelegateAdapter(this, type);
      return new TypeAdapter<T>() {
        @Override
        public void write(JsonWriter out, T value) throws IOException {
          // The bracket comes first: it also writes the name, which belongs on a line of its own.
          out.beginArray();
          FormattingStyle outer = out.getFormattingStyle();
          out.setFormattingStyle(FormattingStyle.COMPACT);
          if (value instanceof float[] floats) {
            for (float f : floats) {
              JsonNumbers.FLOATS.write(out, f);
            }
          } else if (value instanceof int[] ints) {
            for (int i : ints) {
              out.value(i);
            }
          } else if (value instanceof List<?> list) {
            for (Object d : list) {
              JsonNumbers.DOUBLES.write(out, (Double) d);
            }
          }
          out.endArray();
          out.setFormattingStyle(outer);
        }

        @Override
        public T read(JsonReader in) throws IOException {
          return elements.read(in);
        }
      };
    }
  }
}
