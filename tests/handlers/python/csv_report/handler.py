import collections
import csv
import io
import statistics


def lambda_handler(event, context):
    rows = list(csv.DictReader(io.StringIO(event["csv"])))
    by_region = collections.defaultdict(list)
    for row in rows:
        by_region[row["region"]].append(float(row["amount"]))

    report = io.StringIO()
    writer = csv.writer(report, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["region", "count", "mean", "median"])
    for region in sorted(by_region):
        amounts = by_region[region]
        writer.writerow([region, len(amounts), statistics.fmean(amounts), statistics.median(amounts)])
    most = collections.Counter(row["customer"] for row in rows).most_common(1)
    return {"report": report.getvalue(), "best": most}
