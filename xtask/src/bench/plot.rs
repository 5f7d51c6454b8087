//! The figures as pictures.

use super::figures::Spread;
use plotters::{coord::Shift, prelude::*};
use std::{error::Error, path::Path};

const OURS: RGBColor = RGBColor(30, 110, 190);
const THEIRS: RGBColor = RGBColor(150, 160, 175);

/// One bar of [`bars`].
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) spread: Spread,
    pub(crate) is_ours: bool,
}

/// A bar for each: the median, with a line from the least to the most, on a logarithmic scale.
pub(crate) fn bars(bars: &[Bar], x: &str, path: &Path) -> Result<(), String> {
    draw_bars(bars, x, path).map_err(|error| format!("{}: {error}", path.display()))
}

fn draw_bars(bars: &[Bar], x: &str, path: &Path) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (960, 60 + 30 * bars.len() as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    let most = bars.iter().map(|bar| bar.spread.middle).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(&area)
        .margin(10)
        .x_label_area_size(40)
        .build_cartesian_2d((10.0..most * 40.0).log_scale(), 0.0..bars.len() as f64)?;
    chart
        .configure_mesh()
        .disable_y_axis()
        .disable_y_mesh()
        .x_desc(x)
        .x_label_formatter(&|at| format!("{at:.0}"))
        .draw()?;
    for (at, bar) in bars.iter().enumerate() {
        let row = (bars.len() - 1 - at) as f64;
        let Spread { middle, least, most } = bar.spread;
        let color = if bar.is_ours { OURS } else { THEIRS };
        chart.draw_series([Rectangle::new(
            [(10.0, row + 0.15), (middle, row + 0.85)],
            color.filled(),
        )])?;
        chart.draw_series([PathElement::new(
            [(least, row + 0.5), (most, row + 0.5)],
            BLACK.stroke_width(2),
        )])?;
        chart.draw_series([Text::new(
            format!("{}: {middle:.0}", bar.name),
            (most.max(middle) * 1.15, row + 0.7),
            ("sans-serif", 13),
        )])?;
    }
    area.present()?;
    Ok(())
}

/// One picture of [`panels`]: how something grows, by each library.
pub(crate) struct Panel {
    pub(crate) title: String,
    /// Name and points; the first is ours.
    pub(crate) lines: Vec<(&'static str, Vec<(f64, f64)>)>,
}

/// Pictures side by side, both scales logarithmic: what grows linearly has the slope of the dotted line.
pub(crate) fn panels(panels: &[Panel], y: &str, path: &Path) -> Result<(), String> {
    draw_panels(panels, y, path).map_err(|error| format!("{}: {error}", path.display()))
}

fn draw_panels(panels: &[Panel], y: &str, path: &Path) -> Result<(), Box<dyn Error>> {
    const COLUMNS: usize = 3;
    let rows = panels.len().div_ceil(COLUMNS);
    let area = SVGBackend::new(path, (1080, 300 * rows as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    for (panel, area) in panels.iter().zip(area.split_evenly((rows, COLUMNS))) {
        draw_panel(panel, y, &area)?;
    }
    area.present()?;
    Ok(())
}

fn draw_panel(
    panel: &Panel,
    y: &str,
    area: &DrawingArea<SVGBackend<'_>, Shift>,
) -> Result<(), Box<dyn Error>> {
    let points = || panel.lines.iter().flat_map(|(_, points)| points);
    let (left, right) = ends(points().map(|point| point.0));
    let (low, high) = ends(points().map(|point| point.1));
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, ("sans-serif", 15))
        .margin(8)
        .x_label_area_size(24)
        .y_label_area_size(58)
        .build_cartesian_2d(
            (left * 0.9..right * 1.1).log_scale(),
            (low / 2.0..high * 3.0).log_scale(),
        )?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .y_desc(y)
        .x_label_formatter(&|at| format!("{at:.0}"))
        .y_label_formatter(&|at| format!("{at:.0}"))
        .draw()?;
    let from = panel.lines.first().and_then(|(_, points)| points.first());
    if let Some(&(x, y)) = from {
        // As far as the picture goes.
        let times = (right / x).min(high * 3.0 / y);
        chart.draw_series(DashedLineSeries::new(
            [(x, y), (x * times, y * times)],
            2,
            4,
            BLACK.mix(0.5).stroke_width(1),
        ))?;
    }
    for (at, (name, points)) in panel.lines.iter().enumerate() {
        let color = if at == 0 { OURS } else { THEIRS };
        chart
            .draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
        chart.draw_series(points.iter().map(|&point| Circle::new(point, 3, color.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .draw()?;
    Ok(())
}

/// The least and the most of what is above nothing; one for both where there is none.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for value in values.filter(|&value| value > 0.0) {
        least = least.min(value);
        most = most.max(value);
    }
    if most == 0.0 { (1.0, 1.0) } else { (least, most) }
}
