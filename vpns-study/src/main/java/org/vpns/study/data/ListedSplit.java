package org.vpns.study.data;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.vpns.internal.io.JsonBound;
import org.vpns.io.FormatException;

/**
 * A split as CoOp's files have it: a JSON object with the lists {@code train}, {@code val} and
 * {@code test} of {@code [file, label, class name]}, labels from 0, files relative to a folder.
 */
final class ListedSplit {
  private final SetFolder folder;
  private final String file;
  private final String pictures;
  private final JsonObject lists;
  private final TreeMap<Integer, String> classes = new TreeMap<>();

  private ListedSplit(SetFolder folder, String file, String pictures, JsonObject lists) {
    this.folder = folder;
    this.file = file;
    this.pictures = pictures;
    this.lists = lists;
  }

  /**
   * @param file the JSON file, beside the pictures' folder or in it
   * @param pictures folder in the same folder that the list's files are relative to
   */
  static StoredImages.Split read(String set, Path root, Path file, String pictures)
      throws IOException {
    SetFolder folder = new SetFolder(set, root);
    Path list = root.resolve(file);
    if (!Files.exists(list)) {
      throw new FormatException(
          "no such file",
          list.toString(),
          "the list of images of " + set,
          "nothing",
          "check the path, which is relative to " + root + " unless it is absolute");
    }
    String text = folder.text(file.toString());
    JsonObject lists;
    try {
      JsonBound.require(text);
      lists = new Gson().fromJson(text, JsonObject.class);
    } catch (JsonParseException | StackOverflowError e) {
      throw folder.damaged(file.toString(), "an object with train, val and test", e);
    }
    if (lists == null) {
      throw folder.damaged(file.toString(), "an object with train, val and test", "nothing");
    }
    ListedSplit split = new ListedSplit(folder, file.toString(), pictures, lists);
    for (String part : List.of("train", "val", "test")) {
      split.learnClasses(part);
    }
    return new StoredImages.Split(split.part("train"), split.part("val"), split.part("test"));
  }

  private void learnClasses(String part) throws IOException {
    for (JsonElement each : list(part)) {
      JsonArray entry = entry(each);
      String name = entry.get(2).getAsString();
      String before = classes.putIfAbsent(label(entry), name);
      if (before != null && !before.equals(name)) {
        throw folder.damaged(file, "one name for class " + entry.get(1), before + " and " + name);
      }
    }
    if (part.equals("test") && classes.lastKey() != classes.size() - 1) {
      throw folder.damaged(file, "classes from 0 on without a gap", classes.keySet());
    }
  }

  private JsonArray list(String part) throws IOException {
    if (!(lists.get(part) instanceof JsonArray list) || list.isEmpty()) {
      throw folder.damaged(file, "a list " + part, lists.keySet());
    }
    return list;
  }

  private JsonArray entry(JsonElement each) throws IOException {
    if (each instanceof JsonArray entry
        && entry.size() == 3
        && isText(entry.get(0))
        && isText(entry.get(2))) {
      return entry;
    }
    throw folder.damaged(file, "[file, label, class name]", each);
  }

  private static boolean isText(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
  }

  private int label(JsonArray entry) throws IOException {
    try {
      int label = entry.get(1).getAsBigDecimal().intValueExact(); // getAsInt would round
      if (label >= 0) {
        return label;
      }
    } catch (RuntimeException e) { // no number: told below
    }
    throw folder.damaged(file, "a label from 0", entry.get(1));
  }

  private StoredImages part(String part) throws IOException {
    List<String> names = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (JsonElement each : list(part)) {
      names.add(each.getAsJsonArray().get(0).getAsString());
      labels.add(label(each.getAsJsonArray()));
    }
    return folder.listed(part, pictures, names, labels, List.copyOf(classes.values()));
  }
}
