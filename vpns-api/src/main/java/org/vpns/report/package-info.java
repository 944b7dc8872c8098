/**
 * What a run tells: events while it goes on, the report afterwards, tables and pages of reports.
 */
@NullMarked
package org.vpns.report;

import org.jspecify.annotations.NullMarked;
