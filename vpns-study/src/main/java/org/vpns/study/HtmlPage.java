package org.vpns.study;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** What the template around all sections shows; without what draws if none of them has charts. */
record HtmlPage(
    String title,
    String lede,
    List<Part> sections,
    String data,
    String css,
    String chartJs,
    String chartLicence,
    String script) {
  private static final String CHARTS = "/META-INF/resources/webjars/chart.js/";
  private static final String CHARTS_POM =
      "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";

  /** Escapes {@code < > & = '}: safe inside a script element and in XML. */
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  /** A section with its template filled in. */
  record Part(String name, String link, String title, String html) {}

  /** One that holds the sections which have something to show, in their order. */
  static HtmlPage of(String title, String lede, List<? extends PageSection> sections)
      throws IOException {
    List<Part> parts = new ArrayList<>();
    Map<String, Object> data = new LinkedHashMap<>();
    StringBuilder script = new StringBuilder(resource("page/page.js"));
    for (PageSection section : sections) {
      if (!section.isEmpty()) {
        String path = "page/" + section.name();
        String html = filled(path + ".mustache", section);
        parts.add(new Part(section.name(), section.link(), section.title(), html));
        Object drawn = section.data();
        if (drawn != null) {
          data.put(section.name(), drawn);
        }
        script.append(optional(path + ".js"));
      }
    }
    String charts = CHARTS + chartsVersion();
    boolean draws = !data.isEmpty();
    return new HtmlPage(
        title,
        lede,
        parts,
        withoutDirections(GSON.toJson(data)),
        resource("page/page.css"),
        draws ? resource(charts + "/dist/chart.umd.js") : "",
        draws ? resource(charts + "/LICENSE.md") : "",
        script.append("page.draw();\n").toString());
  }

  /** As text. */
  String html() throws IOException {
    return filled("page/page.mustache", this);
  }

  private static String filled(String template, Object context) throws IOException {
    return Mustache.compiler()
        .withEscaper(HtmlPage::escape)
        .emptyStringIsFalse(true)
        .zeroIsFalse(true)
        .strictSections(true)
        .compile(resource(template))
        .execute(context);
  }

  /**
   * For text and attribute values; characters that neither HTML nor XML allows become U+FFFD, and
   * so do marks that turn the direction of what stands around them.
   */
  static String escape(String raw) {
    StringBuilder text = new StringBuilder(raw.length() + 16);
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      switch (c) {
        case '&' -> text.append("&amp;");
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '"' -> text.append("&quot;");
        case '\'' -> text.append("&#39;");
        case '\n', '\t' -> text.append(c);
        default -> {
          boolean allowed =
              Character.isHighSurrogate(c)
                  ? i + 1 < raw.length() && Character.isLowSurrogate(raw.charAt(i + 1))
                  : Character.isLowSurrogate(c)
                      ? i > 0 && Character.isHighSurrogate(raw.charAt(i - 1))
                      : c >= ' ' && !(c >= 0x7f && c < 0xa0) && c < 0xfffe && !turns(c);
          text.append(allowed ? c : '\ufffd');
        }
      }
    }
    return text.toString();
  }

  /** Whether a name with this sign could show what follows it in another order. */
  private static boolean turns(char c) {
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  }

  /** What scripts show of it is as what {@link #escape} has made of the same name. */
  private static String withoutDirections(String json) {
    StringBuilder text = new StringBuilder(json);
    for (int i = 0; i < text.length(); i++) {
      if (turns(text.charAt(i))) {
        text.setCharAt(i, '\ufffd');
      }
    }
    return text.toString();
  }

  private static String chartsVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = HtmlPage.class.getResourceAsStream(CHARTS_POM)) {
      if (in != null) {
        properties.load(in);
      }
    }
    return properties.getProperty("version", "missing");
  }

  private static String resource(String name) throws IOException {
    String text = text(name);
    if (text == null) {
      throw new IOException(
          Problem.message(
              "resource missing",
              name,
              "a file on the class path",
              "none",
              "put vpns-study and org.webjars.npm:chart.js on the class path whole"));
    }
    return text;
  }

  private static String optional(String name) throws IOException {
    String text = text(name);
    return text == null ? "" : text;
  }

  private static @Nullable String text(String name) throws IOException {
    try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
