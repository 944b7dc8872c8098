package org.vpns.internal.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether JSON has all that a record needs: Gson gives a missing field null or 0 in silence, and
 * null in a list of numbers passes until someone reads it.
 */
public final class JsonRecords {
  private static final Set<Type> WHOLE = Set.of(int.class, Integer.class, long.class, Long.class);

  private JsonRecords() {}

  /** Makes the exception for what is missing. */
  public interface Failure {
    /** Of what was expected and found. */
    RuntimeException of(String expected, String found);
  }

  /**
   * Checks a value of a type made of records, lists, maps and arrays.
   *
   * @param where the value's name, for the message
   * @param failure makes what is thrown; the first is
   */
  public static void check(
      @Nullable JsonElement element, Type type, String where, Failure failure) {
    if (element == null || element.isJsonNull()) {
      throw failure.of("a value for " + where, element == null ? "none" : "null");
    }
    if (type instanceof Class<?> raw && raw.isRecord()) {
      if (!element.isJsonObject()) {
        throw failure.of("an object for " + where, oneWord(element));
      }
      JsonObject object = element.getAsJsonObject();
      for (RecordComponent component : raw.getRecordComponents()) {
        JsonElement value = object.get(component.getName());
        boolean absent = value == null || value.isJsonNull();
        if (!(absent && component.getAnnotatedType().isAnnotationPresent(Nullable.class))) {
          check(value, component.getGenericType(), where + "." + component.getName(), failure);
        }
      }
    } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      checkEach(element, list.getActualTypeArguments()[0], where, failure);
    } else if (type instanceof Class<?> raw && raw.isArray()) {
      checkEach(element, raw.getComponentType(), where, failure);
    } else if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
      if (!element.isJsonObject()) {
        throw failure.of("an object for " + where, oneWord(element));
      }
      Type values = map.getActualTypeArguments()[1];
      element
          .getAsJsonObject()
          .asMap()
          .forEach((name, value) -> check(value, values, where + "." + name, failure));
    } else if (WHOLE.contains(type) && !isWhole(element)) {
      // Gson takes numbers in quotes, and cuts off what is behind the point
      throw failure.of("a whole number for " + where, element.toString());
    } else if (type == String.class && !isString(element)) {
      throw failure.of("a text for " + where, element.toString());
    }
  }

  private static boolean isWhole(JsonElement element) {
    if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isNumber()) {
      return false;
    }
    try {
      BigDecimal number = element.getAsBigDecimal();
      return number.signum() == 0 || number.stripTrailingZeros().scale() <= 0;
    } catch (NumberFormatException e) { // an exponent beyond all
      return false;
    }
  }

  private static boolean isString(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
  }

  private static void checkEach(JsonElement element, Type type, String where, Failure failure) {
    if (!element.isJsonArray()) {
      throw failure.of("an array for " + where, oneWord(element));
    }
    JsonArray array = element.getAsJsonArray();
    for (int i = 0; i < array.size(); i++) {
      check(array.get(i), type, where + "[" + i + "]", failure);
    }
  }

  /**
   * Checks that there is no null.
   *
   * @param where the value's name, for the message; may be empty
   * @param failure makes what is thrown; the first is
   */
  public static void requireNoNull(JsonElement element, String where, Failure failure) {
    if (element.isJsonNull()) {
      throw failure.of("a value for " + (where.isEmpty() ? "the whole" : where), "null");
    }
    if (element.isJsonArray()) {
      for (int i = 0; i < element.getAsJsonArray().size(); i++) {
        requireNoNull(element.getAsJsonArray().get(i), where + "[" + i + "]", failure);
      }
    } else if (element.isJsonObject()) {
      element
          .getAsJsonObject()
          .asMap()
          .forEach(
              (name, e) -> requireNoNull(e, where.isEmpty() ? name : where + "." + name, failure));
    }
  }

  private static String oneWord(JsonElement element) {
    return element.isJsonArray() ? "an array" : element.isJsonObject() ? "an object" : "a value";
  }
}
