package org.vpns.study;

import org.jspecify.annotations.Nullable;

/**
 * A section of the page of {@link HtmlReport}: what its template {@code page/<name>.mustache}
 * shows.
 */
interface PageSection {
  /** Of the template, of the script {@code page/<name>.js} if there is one, and of the anchor. */
  String name();

  /** What links to the section say. */
  String link();

  /** Its heading. */
  String title();

  /** Whether there is nothing to show; it is left out then. */
  boolean isEmpty();

  /** What its script draws, as {@code page.data.<name>}; null for nothing. */
  default @Nullable Object data() {
    return null;
  }
}
