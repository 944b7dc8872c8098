package org.vpns.report;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;

/**
 * Channels that have left a network. Prints as a table.
 *
 * @param asked what was asked for, in words
 * @param obtained what was obtained, in words
 * @param before what the network costs with them
 * @param after what it costs without
 * @param groups channels that can only leave together by position, in the network's order
 */
public record ChannelRecord(
    String asked, String obtained, Size before, Size after, List<Group> groups) {
  /** Copies the list. */
  public ChannelRecord {
    Problem.given(asked, "new ChannelRecord", "asked");
    Problem.given(obtained, "new ChannelRecord", "obtained");
    Problem.given(before, "new ChannelRecord", "before");
    Problem.given(after, "new ChannelRecord", "after");
    groups = ImmutableList.copyOf(Problem.givenEach(groups, "new ChannelRecord", "groups"));
  }

  /**
   * What a network or a part of it costs.
   *
   * @param parameters weights, biases, scales and shifts; no statistics
   * @param macs multiply-adds for one image
   * @param bytes of parameters and statistics
   */
  public record Size(long parameters, long macs, long bytes) {
    /** Both together. */
    public Size plus(Size other) {
      Problem.given(other, "ChannelRecord.Size.plus", "other");
      return new Size(parameters + other.parameters, macs + other.macs, bytes + other.bytes);
    }

    /** This without a part of it. */
    public Size minus(Size other) {
      Problem.given(other, "ChannelRecord.Size.minus", "other");
      return new Size(parameters - other.parameters, macs - other.macs, bytes - other.bytes);
    }

    /** Such as {@code 524 parameters, 8,084 multiply-adds, 2,096 bytes}. */
    @Override
    public String toString() {
      return Texts.count(parameters)
          + " parameters, "
          + Texts.count(macs)
          + " multiply-adds, "
          + Texts.count(bytes)
          + " bytes";
    }
  }

  /**
   * What has become of a group, or of other layers.
   *
   * @param name its name
   * @param channels how many it had, those that cannot leave included; 0 for other layers
   * @param asked how many were to leave, before floors and rounding
   * @param kept how many are left
   * @param note why fewer have left than asked for, or none; may be empty
   * @param before what the layers cost that make its channels
   * @param after what they cost afterwards
   */
  public record Group(
      String name, int channels, int asked, int kept, String note, Size before, Size after) {
    /** No part may be null. */
    public Group {
      Problem.given(name, "new ChannelRecord.Group", "name");
      Problem.given(note, "new ChannelRecord.Group", "note");
      Problem.given(before, "new ChannelRecord.Group", "before");
      Problem.given(after, "new ChannelRecord.Group", "after");
    }

    /** The note, after what was asked for where something else has left; may be empty. */
    public String remark() {
      boolean other = asked != channels - kept;
      return (other ? "asked for " + asked + (note.isEmpty() ? "" : ": ") : "") + note;
    }
  }

  /** The groups, then layers of none or of several if there are any, then the network. */
  public List<Group> rows() {
    List<Group> rows = new ArrayList<>(groups);
    Size rest = before;
    Size restAfter = after;
    int channels = 0;
    int kept = 0;
    for (Group group : groups) {
      rest = rest.minus(group.before);
      restAfter = restAfter.minus(group.after);
      channels += group.channels;
      kept += group.kept;
    }
    if (!rest.equals(new Size(0, 0, 0))) {
      rows.add(new Group("other layers", 0, 0, 0, "", rest, restAfter));
    }
    rows.add(new Group("network", channels, channels - kept, kept, "", before, after));
    return rows;
  }

  /** What was asked for and obtained, and a table of the groups. */
  @Override
  public String toString() {
    List<List<String>> rows = new ArrayList<>();
    for (Group row : rows()) {
      rows.add(
          List.of(
              row.name,
              row.channels == 0 ? "" : change(row.channels, row.kept),
              change(row.before.parameters, row.after.parameters),
              change(row.before.macs, row.after.macs),
              change(row.before.bytes, row.after.bytes),
              row.remark()));
    }
    return "asked: "
        + Texts.oneLine(asked)
        + "; obtained: "
        + Texts.oneLine(obtained)
        + "\n"
        + Texts.plainTable(List.of("<group", "channels", "parameters", "MACs", "bytes", "<"), rows);
  }

  private static String change(long before, long after) {
    return before == after
        ? Texts.count(before)
        : Texts.count(before) + " => " + Texts.count(after);
  }
}
