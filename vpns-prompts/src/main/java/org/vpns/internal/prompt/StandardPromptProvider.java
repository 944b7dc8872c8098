package org.vpns.internal.prompt;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.prompt.PromptSpec;
import org.vpns.prompt.Prompts;
import org.vpns.prompt.RandomPromptSpec;
import org.vpns.spi.PromptProvider;

/** The prompts of {@link Prompts} by kind. */
public final class StandardPromptProvider implements PromptProvider {
  /** For {@link java.util.ServiceLoader}. */
  public StandardPromptProvider() {}

  @Override
  public boolean provides(String kind) {
    Problem.given(kind, "PromptProvider.provides", "kind");
    return Prompts.kinds().contains(kind);
  }

  @Override
  public PromptFactory create(String kind, Map<String, String> options) {
    Problem.given(kind, "PromptProvider.create", "kind");
    Problem.givenEach(options, "PromptProvider.create", "options");
    Options given = new Options(kind, options);
    PromptSpec spec = spec(kind, given);
    if (given.choice("form", "additive", "sigmoid")) {
      spec = spec.sigmoid();
    }
    given.checkAllUsed();
    return spec;
  }

  private static PromptSpec spec(String kind, Options given) {
    return switch (kind) {
      case "pad" -> Prompts.pad(given.number("pixels"));
      case "fix" -> Prompts.fix(given.number("side"));
      case "random" -> random(given);
      case "expansive" -> Prompts.expansive();
      case "none" -> Prompts.none();
      case "region" -> Prompts.region(given.text("name"), given.text("pixels"));
      default ->
          throw Problem.argument(
              "unknown kind of prompt",
              "StandardPromptProvider",
              "one of " + String.join(", ", Prompts.kinds()),
              "'" + kind + "'",
              "add the module that provides it");
    };
  }

  private static RandomPromptSpec random(Options given) {
    RandomPromptSpec spec = Prompts.random(given.number("side"));
    spec = given.choice("values", "window", "patch") ? spec.patch() : spec;
    spec = given.choice("offsets", "batch", "image") ? spec.perImage() : spec;
    return given.choice("last", "included", "excluded") ? spec.excludeLast() : spec;
  }

  /** Options that are used up one by one; what is left over is unknown. */
  private static final class Options {
    private final String kind;
    private final Map<String, String> left;

    Options(String kind, Map<String, String> options) {
      this.kind = kind;
      this.left = new TreeMap<>(options);
    }

    String text(String name) {
      String value = left.remove(name);
      if (value == null) {
        throw problem(name, "a text", null);
      }
      return value;
    }

    int number(String name) {
      String value = left.remove(name);
      try {
        return Integer.parseInt(String.valueOf(value));
      } catch (NumberFormatException e) {
        throw problem(name, "a whole number of pixels", value);
      }
    }

    /** Whether the option has its other value; false for its usual value or none. */
    boolean choice(String name, String usual, String other) {
      String value = left.remove(name);
      if (value != null && !value.equals(usual) && !value.equals(other)) {
        throw problem(name, usual + " or " + other, value);
      }
      return other.equals(value);
    }

    void checkAllUsed() {
      if (!left.isEmpty()) {
        throw Problem.argument(
            "unknown option",
            "prompt " + kind,
            "no further option",
            left,
            "remove it, or use the version that wrote it");
      }
    }

    private IllegalArgumentException problem(String name, String expected, @Nullable String found) {
      return Problem.argument(
          "option missing or out of range",
          "prompt " + kind + ", " + name,
          expected,
          found == null ? "none" : "'" + found + "'",
          "pass the options that VisualPrompt.options() gave");
    }
  }
}
