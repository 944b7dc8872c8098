package org.vpns.examples.figures;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.study.Hypothesis.Judgement;

/**
 * All claims of several figures on one page, each figure with a link to its own, and the settings
 * behind them.
 */
record ClaimsPage(Map<String, FigureResult> figures, MethodSettings settings) {
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Claims of the paper</title>
      <style>
      :root { color-scheme: light dark; }
      body { overflow-wrap: anywhere; font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem; }
      .verdict { font-weight: 600; }
      details { margin: .25rem 0 .75rem; }
      dl { margin: .25rem 0 .75rem 1rem; }
      dt { opacity: .75; }
      dd { margin: 0 0 .25rem 1rem; }
      img { max-width: 100%; }
      </style>
      <h1>Claims of the paper</h1>
      """;

  /** Writes both, and gives the text of the second. */
  String write(Path html, Path markdown) throws IOException {
    AtomicFiles.writeText(html, html());
    String text = text();
    AtomicFiles.writeText(markdown, text);
    return text;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    figures.forEach(
        (id, figure) ->
            text.append("## ")
                .append(figure.title())
                .append("\n\n")
                .append(figure.toText())
                .append('\n'));
    return text.toString();
  }

  private String html() {
    StringBuilder page = new StringBuilder(HEAD);
    figures.forEach(
        (id, figure) -> {
          page.append("<h2><a href=\"").append(id).append("/report.html\">");
          page.append(escape(figure.title())).append("</a></h2>\n");
          if (figure.picture() != null) {
            page.append("<p><img src=\"").append(id).append('/').append(figure.picture());
            page.append("\" alt=\"").append(escape(figure.title())).append("\"></p>\n");
          }
          figure.judgements().forEach(judgement -> page.append(html(judgement)));
          page.append("<ul>\n");
          figure
              .notes()
              .forEach(note -> page.append("<li>").append(escape(note)).append("</li>\n"));
          page.append("</ul>\n");
        });
    page.append("<h2>").append(MethodSettings.TITLE).append("</h2>\n");
    settings.byMethod().forEach((method, options) -> page.append(html(method, options)));
    return page.append("</html>\n").toString();
  }

  private static String html(Judgement judgement) {
    StringBuilder part =
        new StringBuilder("<details class=\"claim\"><summary><span class=\"verdict\">");
    part.append(judgement.verdict()).append("</span>: ").append(escape(judgement.text()));
    part.append("</summary>\n<ul>\n");
    judgement
        .details()
        .forEach(detail -> part.append("<li>").append(escape(detail)).append("</li>\n"));
    return part.append("</ul></details>\n").toString();
  }

  private static String html(String method, Map<String, String> options) {
    StringBuilder part = new StringBuilder("<details class=\"settings\"><summary>");
    part.append(escape(method)).append("</summary>\n<dl>\n");
    options.forEach(
        (option, value) ->
            part.append("<dt>")
                .append(escape(option))
                .append("</dt><dd>")
                .append(escape(value))
                .append("</dd>\n"));
    return part.append("</dl></details>\n").toString();
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
