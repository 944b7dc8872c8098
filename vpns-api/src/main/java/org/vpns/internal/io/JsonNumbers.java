package org.vpns.internal.io;

import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;

/**
 * Numbers in JSON in the shortest form that reads back to the same bits; NaN and the infinities,
 * which JSON lacks, are the strings {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}. The
 * adapters take no null.
 */
public final class JsonNumbers {
  /** Doubles. */
  public static final TypeAdapter<Double> DOUBLES =
      new TypeAdapter<>() {
        @Override
        public void write(JsonWriter out, Double value) throws IOException {
          if (Double.isFinite(value)) {
            out.value(value);
          } else {
            out.value(value.toString());
          }
        }

        @Override
        public Double read(JsonReader in) throws IOException {
          return Double.valueOf(in.nextString());
        }
      };

  /** Floats; parsed as floats, as a detour through double could round twice. */
  public static final TypeAdapter<Float> FLOATS =
      new TypeAdapter<>() {
        @Override
        public void write(JsonWriter out, Float value) throws IOException {
          if (Float.isFinite(value)) {
            out.value(value);
          } else {
            out.value(value.toString());
          }
        }

        @Override
        public Float read(JsonReader in) throws IOException {
          return Float.valueOf(in.nextString());
        }
      };

  private JsonNumbers() {}
}
