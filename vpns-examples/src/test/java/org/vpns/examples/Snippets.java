package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Code in texts, and the regions of compiled files that it must be. */
final class Snippets {
  static final Path ROOT = Path.of(System.getProperty("vpns.root", ".."));
  private static final Path PACKAGE = Path.of("java/org/vpns/examples");

  private Snippets() {}

  private static String text(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  /** Blocks of a language in a Markdown file. */
  static List<String> blocks(String file, String language) throws IOException {
    Matcher block =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(text(file));
    List<String> found = new ArrayList<>();
    while (block.find()) {
      found.add(block.group(1));
    }
    return found;
  }

  /** What stands between {@code // README: name} and {@code // README: end}. */
  static String region(String sources, String file, String name) throws IOException {
    return region(
        ROOT.resolve("vpns-examples/src").resolve(sources).resolve(PACKAGE).resolve(file), name);
  }

  /** The same, of a program that the build runs. */
  static String program(String program, String file, String name) throws IOException {
    return region(ROOT.resolve("vpns-examples/src/it").resolve(program).resolve(file), name);
  }

  private static String region(Path file, String name) throws IOException {
    Matcher region =
        Pattern.compile("( *)// README: " + name + "\n(.*?) *// README: end", Pattern.DOTALL)
            .matcher(Files.readString(file));
    assertThat(region.find()).as(file + ", region " + name).isTrue();
    return region.group(2).replaceAll("(?m)^" + region.group(1), "");
  }

  /** What stands between the marks in the pom of a program that the build runs. */
  static String pom(String program) throws IOException {
    String text = text("vpns-examples/src/it/" + program + "/pom.xml");
    Matcher region =
        Pattern.compile("  <!-- README: pom -->\n(.*?)  <!-- README: end -->", Pattern.DOTALL)
            .matcher(text);
    assertThat(region.find()).as(program).isTrue();
    return region.group(1).replaceAll("(?m)^  ", "");
  }

  /** A whole test source, without its package. */
  static String source(String file) throws IOException {
    return text("vpns-examples/src/test/java/" + file).replaceFirst("package .*;\n\n", "");
  }

  /** Files that a Markdown file links to. */
  static List<Path> links(String file) throws IOException {
    Matcher link = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(text(file));
    List<Path> found = new ArrayList<>();
    Path folder = ROOT.resolve(file).toAbsolutePath().getParent();
    while (link.find()) {
      found.add(folder.resolve(link.group(1)));
    }
    return found;
  }
}
