package org.vpns.study;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.report.ChannelRecord;
import org.vpns.report.ChannelRecord.Size;

/** The channels that had left the network of one seed. */
record ChannelTable(String seed, String asked, String obtained, List<ChannelRow> rows) {
  /** Null where none had. */
  static @Nullable ChannelTable of(@Nullable ChannelRecord left, String seed) {
    return left == null
        ? null
        : new ChannelTable(
            seed, left.asked(), left.obtained(), left.rows().stream().map(ChannelRow::of).toList());
  }

  /** A group of channels, with what its layers cost. */
  record ChannelRow(
      String name, String channels, String parameters, String macs, String bytes, String remark) {
    static ChannelRow of(ChannelRecord.Group row) {
      Size before = row.before();
      Size after = row.after();
      return new ChannelRow(
          row.name(),
          row.channels() == 0 ? "" : change(row.channels(), row.kept()),
          change(before.parameters(), after.parameters()),
          change(before.macs(), after.macs()),
          change(before.bytes(), after.bytes()),
          row.remark());
    }

    private static String change(long before, long after) {
      return before == after
          ? Texts.count(before)
          : Texts.count(before) + " \u2192 " + Texts.count(after);
    }

    /** The name cut after each dot, where a narrow column may break it. */
    List<String> parts() {
      return List.of(name.split("(?<=\\.)"));
    }
  }
}
