package org.vpns.examples.figures;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.text.Texts;
import org.vpns.study.Hypothesis;
import org.vpns.study.Hypothesis.Judgement;

/**
 * All claims of several figures on one page: a table of verdicts and how to read them, then each
 * figure with a link to its own page, and the settings behind them.
 *
 * @param figures by their ids
 * @param setting what was run
 * @param settings of every method
 * @param soFar which runs are there, in a sentence; empty where all are
 */
record ClaimsPage(
    Map<String, FigureResult> figures, Setting setting, MethodSettings settings, String soFar) {
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
      table { border-collapse: collapse; width: 100%; overflow-wrap: break-word; }
      th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
      </style>
      <h1>Claims of the paper</h1>
      """;

  private static final String READING =
      """
      <details class="reading"><summary>How to read the verdicts</summary>
      <dl>
      <dt>held</dt><dd>All differences that the claim speaks of are beyond noise, in its direction.</dd>
      <dt>not held</dt><dd>At least one is beyond noise in the other direction.</dd>
      <dt>within noise</dt><dd>Neither: at least one difference may be chance. That does not say that methods are equal.</dd>
      <dt>unknown</dt><dd>Noise cannot be judged: one seed, a run that is missing, or a difference that is the same in all seeds.</dd>
      <dt>points</dt><dd>Percentage points of accuracy on test images, the mean of differences within a seed; the first standard error is that of the seeds, the second that of the choice of test images.</dd>
      <dt>p</dt><dd>Probability of a difference at least as large where there is none, after Holm's correction for all differences of the claim; beyond noise is below 0.05. Where a claim sets a bound, as "below a point", the verdict goes by confidence in that bound, not by p.</dd>
      </dl></details>
      """;

  /** Writes both, and gives the text of the second. */
  String write(Path html, Path markdown) throws IOException {
    AtomicFiles.writeText(html, html());
    String text = text();
    AtomicFiles.writeText(markdown, text);
    return text;
  }

  private String text() {
    StringBuilder text = new StringBuilder(soFar.isEmpty() ? "" : soFar + "\n\n");
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
    page.append(overview()).append(READING);
    List<String> common = commonNotes();
    page.append(html(common));
    figures.forEach(
        (id, figure) -> {
          page.append("<h2 id=\"").append(id).append("\"><a href=\"").append(id);
          page.append("/report.html\">").append(escape(name(figure))).append("</a></h2>\n");
          if (figure.picture() != null) {
            page.append("<p><img src=\"").append(id).append('/').append(figure.picture());
            page.append("\" alt=\"").append(escape(figure.title())).append("\"></p>\n");
          }
          figure.judgements().forEach(judgement -> page.append(html(judgement)));
          page.append(html(figure.notes().stream().filter(n -> !common.contains(n)).toList()));
        });
    page.append("<h2>").append(MethodSettings.TITLE).append("</h2>\n");
    settings.byMethod().forEach((method, options) -> page.append(html(method, options)));
    return page.append("</html>\n").toString();
  }

  /** What was run, how many claims got which verdict, and the verdict of each. */
  private String overview() {
    StringBuilder part = new StringBuilder("<p class=\"setting\">");
    part.append(escape(setting.inWords())).append("</p>\n");
    if (!soFar.isEmpty()) {
      part.append("<p class=\"so-far\">").append(escape(soFar)).append("</p>\n");
    }
    part.append("<p class=\"counts\">");
    part.append(escape(counts())).append("</p>\n<table class=\"verdicts\">\n");
    part.append("<thead><tr><th>figure</th><th>claim</th><th>verdict</th></tr></thead>\n<tbody>\n");
    figures.forEach(
        (id, figure) ->
            figure
                .judgements()
                .forEach(
                    judgement -> {
                      part.append("<tr><td><a href=\"#").append(id).append("\">");
                      part.append(escape(name(figure).replaceFirst(":.*", ""))).append("</a></td>");
                      part.append("<td>").append(escape(judgement.text())).append("</td>");
                      part.append("<td class=\"verdict\">").append(judgement.verdict());
                      part.append("</td></tr>\n");
                    }));
    return part.append("</tbody></table>\n").toString();
  }

  private String counts() {
    Map<Hypothesis.Verdict, Integer> counts = new EnumMap<>(Hypothesis.Verdict.class);
    figures
        .values()
        .forEach(f -> f.judgements().forEach(j -> counts.merge(j.verdict(), 1, Integer::sum)));
    int all = counts.values().stream().mapToInt(count -> count).sum();
    return Texts.plural(all, "claim")
        + counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", ", ": ", "."));
  }

  /** Its title without what all have in common. */
  private String name(FigureResult figure) {
    return figure.title().replace(setting.titleEnd(), "");
  }

  /** What every figure notes. */
  private List<String> commonNotes() {
    List<String> common = new ArrayList<>(figures.values().iterator().next().notes());
    figures.values().forEach(figure -> common.retainAll(figure.notes()));
    return common;
  }

  private static String html(List<String> notes) {
    if (notes.isEmpty()) {
      return "";
    }
    return notes.stream()
        .map(note -> "<li>" + escape(note) + "</li>\n")
        .collect(Collectors.joining("", "<ul>\n", "</ul>\n"));
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
