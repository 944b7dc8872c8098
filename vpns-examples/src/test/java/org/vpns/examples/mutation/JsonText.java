package org.vpns.examples.mutation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Values and members of a JSON text. The rest of the text stays, letter for letter. */
final class JsonText implements Structure {
  private static final String[] VALUES = {
    "null",
    "true",
    "false",
    "-1",
    "-0.0",
    "3.5",
    "1e400",
    "1e-320",
    "NaN",
    "-Infinity",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "{\"\":{}}",
    "\"\"",
    "\"NaN\"",
    "\"\\u0000\\u001b[31m\\u202e\"",
    "\"\ud800\"",
    "123456789012345678901234567890",
    "\"" + "long ".repeat(4000) + "\"",
    "[".repeat(70) + "]".repeat(70),
    "[".repeat(20_000),
    "[" + "0,".repeat(5000) + "0]",
  };

  /**
   * A value's span.
   *
   * @param member where its name begins; the value's own begin in an array
   */
  private record Place(int member, int begin, int end) {
    boolean isMember() {
      return member < begin;
    }
  }

  @Override
  public byte[] mutate(byte[] file, RandomGenerator random) {
    return mutate(new String(file, StandardCharsets.UTF_8), random)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String mutate(String text, RandomGenerator random) {
    Scanner scanner = new Scanner(text);
    scanner.value(scanner.skip(0), 0, 0);
    List<Place> places = scanner.places;
    Place place = places.get(random.nextInt(places.size()));
    Place other = places.get(random.nextInt(places.size()));
    String value = text.substring(place.begin, place.end);
    if (value.startsWith("\"{") && random.nextInt(4) > 0) {
      String inner = value.substring(1, value.length() - 1).translateEscapes();
      return splice(text, place.begin, place.end, quoted(mutate(inner, random)));
    }
    return switch (random.nextInt(10)) {
      case 0 -> splice(text, place.begin, place.end, text.substring(other.begin, other.end));
      case 1 -> {
        // with the comma behind it, or the one before
        boolean last = place.end >= text.length() || text.charAt(place.end) != ',';
        int begin = last && text.charAt(Math.max(0, place.member - 1)) == ',' ? 1 : 0;
        yield splice(text, place.member - begin, place.end + (last ? 0 : 1), "");
      }
      case 2 -> splice(text, place.end, place.end, "," + text.substring(place.member, place.end));
      case 3 -> {
        if (!place.isMember() || !other.isMember()) {
          yield splice(text, place.begin, place.end, Long.toString(Structure.number(random)));
        }
        String name = text.substring(other.member, text.indexOf(':', other.member));
        yield splice(text, place.member, text.indexOf(':', place.member), name);
      }
      case 4 ->
          splice(
              text,
              place.member,
              place.isMember() ? text.indexOf(':', place.member) : place.end,
              quoted(Structure.text(random)));
      case 5 -> splice(text, place.begin, place.end, quoted(Structure.text(random)));
      case 6, 7 -> splice(text, place.begin, place.end, nearby(value, random));
      case 8 -> splice(text, place.begin, place.end, Long.toString(Structure.number(random)));
      default -> splice(text, place.begin, place.end, VALUES[random.nextInt(VALUES.length)]);
    };
  }

  /** A number that is a little different, or a text with one letter changed. */
  private static String nearby(String value, RandomGenerator random) {
    if (value.matches("-?\\d{1,18}")) {
      long number = Long.parseLong(value);
      return Long.toString(
          switch (random.nextInt(4)) {
            case 0 -> number + 1;
            case 1 -> number - 1;
            case 2 -> -number;
            default -> number * 1000;
          });
    }
    if (value.length() > 2) {
      int at = random.nextInt(1, value.length() - 1);
      return splice(value, at, at + 1, String.valueOf((char) random.nextInt(32, 127)));
    }
    return VALUES[random.nextInt(VALUES.length)];
  }

  private static String splice(String text, int begin, int end, String middle) {
    return text.substring(0, begin) + middle + text.substring(end);
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** Finds the spans of a proper text's values. */
  private static final class Scanner {
    private final String text;
    private final List<Place> places = new ArrayList<>();

    Scanner(String text) {
      this.text = text;
    }

    int skip(int at) {
      int next = at;
      while (Character.isWhitespace(text.charAt(next))) {
        next++;
      }
      return next;
    }

    private int string(int begin) {
      if (text.charAt(begin) != '"') {
        throw new IllegalArgumentException("no text at " + begin);
      }
      int at = begin + 1;
      while (text.charAt(at) != '"') {
        at += text.charAt(at) == '\\' ? 2 : 1;
      }
      return at + 1;
    }

    /** Notes the value that begins here, and those in it; where it ends. */
    int value(int begin, int member, int depth) {
      int end =
          switch (text.charAt(begin)) {
            case '"' -> string(begin);
            case '{', '[' -> {
              if (depth > 60) {
                throw new IllegalArgumentException("deep");
              }
              boolean object = text.charAt(begin) == '{';
              char close = object ? '}' : ']';
              int at = skip(begin + 1);
              while (text.charAt(at) != close) {
                int name = at;
                if (object) {
                  at = skip(string(at));
                  if (text.charAt(at) != ':') {
                    throw new IllegalArgumentException("no colon at " + at);
                  }
                  at = skip(at + 1);
                }
                at = skip(value(at, name, depth + 1));
                if (text.charAt(at) == ',') {
                  at = skip(at + 1);
                } else if (text.charAt(at) != close) {
                  throw new IllegalArgumentException("no comma at " + at);
                }
              }
              yield at + 1;
            }
            default -> {
              int at = begin;
              while (at < text.length()
                  && ("+-.".indexOf(text.charAt(at)) >= 0
                      || Character.isLetterOrDigit(text.charAt(at)))) {
                at++;
              }
              if (at == begin) {
                throw new IllegalArgumentException("no value at " + at);
              }
              yield at;
            }
          };
      places.add(new Place(member, begin, end));
      return end;
    }
  }
}
