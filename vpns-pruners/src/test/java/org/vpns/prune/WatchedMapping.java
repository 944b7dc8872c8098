package org.vpns.prune;

import java.util.ArrayList;
import java.util.List;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.mapping.Mappings;

/** Maps by frequency and remembers each assignment it made. */
final class WatchedMapping implements LabelMapping {
  private final List<LabelAssignment> made = new ArrayList<>();

  List<LabelAssignment> made() {
    return made;
  }

  @Override
  public LabelAssignment assign(Context context) {
    LabelAssignment assignment = Mappings.frequency().assign(context);
    made.add(assignment);
    return assignment;
  }

  @Override
  public String describe() {
    return "watched";
  }
}
