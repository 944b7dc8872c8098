package org.vpns.structured.plan;

/**
 * What came of a budget, in words.
 *
 * @param asked what was asked for
 * @param obtained what was obtained
 */
record Outcome(String asked, String obtained) {}
