package org.vpns.report;

import com.google.gson.Gson;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * For fields that came later: without a value they are not written, so that reports which have
 * nothing to say there keep their bytes.
 */
final class OmittedIfNull implements TypeAdapterFactory {
  @Override
  public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
    TypeAdapter<T> values = gson.getAdapter(type);
    return new TypeAdapter<T>() {
      @Override
      public void write(JsonWriter out, @Nullable T value) throws IOException {
        boolean nulls = out.getSerializeNulls();
        out.setSerializeNulls(nulls && value != null);
        values.write(out, value);
        out.setSerializeNulls(nulls);
      }

      @Override
      public @Nullable T read(JsonReader in) throws IOException {
        return values.read(in);
      }
    };
  }
}
