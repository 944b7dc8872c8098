package org.vpns.structured.plan;

/**
 * What was to leave a group.
 *
 * @param asked how many units, before floors and rounding
 * @param note why fewer leave, or none; may be empty
 */
record Wish(int asked, String note) {}
